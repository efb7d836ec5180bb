"""Roads, and how soon somebody is anywhere on them; nothing here knows of fires."""
