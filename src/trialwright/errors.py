"""The one error that tells a user what is wrong with an input, where, and what to do."""


class UnusableInputError(Exception):
    """Input that cannot be used. The command line prints it and exits with 2.

    Attributes:
        what: what is wrong, in one sentence.
        where: file and line, or file, row and column; empty if the input is not a file.
        remedy: what the user can do about it; empty if the sentence says so already.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(self._message())

    def __reduce__(self) -> tuple[object, ...]:
        """Whole, so that an error of a worker process says where it was."""
        return Exception.__new__, (type(self), *self.args), self.__dict__

    def _message(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.remedy}" if self.remedy else head
