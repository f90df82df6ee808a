"""The page and its server: the way in, headers in a real browser, restarts."""

import pytest
from axe import clickables, violations
from complaints import Complaints
from playwright.sync_api import Browser, BrowserContext, Page
from studio_process import StudioProcess


def test_token_opens_the_page_once(browser: Browser, studio_server: StudioProcess) -> None:
    with browser.new_context() as first, browser.new_context() as second:
        page = first.new_page()
        answer = page.goto(f"{studio_server.address}?token={studio_server.token}")
        assert answer is not None
        assert answer.status == 200
        assert page.url.partition("#")[0] == studio_server.address, "the token does not stay in the address"
        visited = page.evaluate("navigation.entries().map(entry => entry.url)")
        assert visited
        assert not [url for url in visited if "token" in url], "nor in the history"
        (cookie,) = first.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
        assert page.evaluate("document.cookie") == ""
        other = second.new_page().goto(f"{studio_server.address}?token={studio_server.token}")
        assert other is not None
        assert other.status == 401


def test_policy_is_in_force(context: BrowserContext, studio_server: StudioProcess, complaints: Complaints) -> None:
    page = context.new_page()
    page.goto(studio_server.address)
    complaints.foresee("CSP: script-src|Content Security Policy")
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
    }""")
    assert page.evaluate("window.ran") is None
    assert any("script-src" in text for text in complaints.heard)


def test_page_goes_on_after_a_restart(page: Page, studio_server: StudioProcess, complaints: Complaints) -> None:
    complaints.foresee("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    studio_server.kill()
    studio_server.restart()
    assert page.evaluate("fetch('/api/meta').then(answer => answer.status)") == 200


def test_complaints_are_heard(browser: Browser) -> None:
    heard = Complaints()
    with browser.new_context() as context:
        page = context.new_page()
        heard.listen(page)
        with page.expect_event("pageerror"):
            page.evaluate("setTimeout(() => { throw new Error('lost') })")
        with page.expect_event("console"):
            page.evaluate("console.error('wrong')")
    assert len(heard.heard) == 2
    heard.foresee("lost")
    assert [text for text in heard.unforeseen() if "wrong" in text] == heard.unforeseen() != []


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ("<button style='width: 20px; height: 40px; padding: 0'>a</button>", "small: 20 × 40"),
        ("<button style='width: 40px; height: 40px'><svg></svg></button>", "nameless"),
        ("<button style='width: 40px; height: 40px'>Play</button>", ""),
        ("<p>In <a href='#'>a sentence</a></p>", ""),
        ("<label style='display: block; padding: 9px'><input type=checkbox> Lock</label>", ""),
    ],
)
def test_own_checks_find(browser: Browser, markup: str, complaint: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content(f"<!doctype html><html lang=en><title>t</title><main><h1>t</h1>{markup}</main>")
        found = clickables(page)
        assert complaint in "\n".join(found)
        assert bool(found) == bool(complaint)


def test_axe_finds(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content("<!doctype html><html lang=en><title>t</title><main><h1>t</h1><img src='data:,'></main>")
        assert [line for line in violations(page) if line.startswith("image-alt")]
        assert not [line for line in violations(page, allow=("image-alt",)) if line.startswith("image-alt")]
