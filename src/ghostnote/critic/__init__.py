"""The critic: it hears loops, and learns what a person likes from a few ratings."""

from ghostnote.critic.encoder import Encoder, load_encoder
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.saved import Experience, SavedCritic, combine_critics, read_critic, write_critic
from ghostnote.critic.taste import Judgement, Taste, fit_taste

__all__ = [
    "Encoder",
    "Experience",
    "Hearing",
    "Judgement",
    "SavedCritic",
    "Taste",
    "combine_critics",
    "fit_taste",
    "load_encoder",
    "read_critic",
    "write_critic",
]
