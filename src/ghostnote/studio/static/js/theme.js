// @ts-check
// Runs before the first paint (a classic script on purpose), so that nobody on a light theme sees a dark flash.
(() => {
  let wanted = null;
  try {
    wanted = window.localStorage.getItem("ghostnote.theme");
  } catch {
    wanted = null; // Storage may be forbidden: then the system's theme is taken.
  }
  const light = wanted === "light" || (wanted !== "dark" && window.matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.setAttribute("data-theme", light ? "light" : "dark");
})();
