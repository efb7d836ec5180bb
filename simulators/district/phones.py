"""Telephone numbers that cannot exist: no Chinese number, fixed or mobile, starts with three zeros."""


class Phones:
    """Numbers in order, none given twice."""

    def __init__(self) -> None:
        self._mobiles = 0
        self._desks = 0

    def mobile(self) -> str:
        """A person's number, 000-1xxx-xxxx."""
        self._mobiles += 1
        return f"000-1{self._mobiles // 10_000:03d}-{self._mobiles % 10_000:04d}"

    def desk(self) -> str:
        """A station's number, 000-2000xxxx."""
        self._desks += 1
        return f"000-2{self._desks:07d}"
