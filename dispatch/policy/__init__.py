"""Whom the district wants called, when and how many: the policy file, its numbers and its words."""
