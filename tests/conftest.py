from hypothesis import settings

# A busy machine must not fail a test; speed is measured in bench/.
settings.register_profile("ghostnote", deadline=None)
settings.load_profile("ghostnote")
