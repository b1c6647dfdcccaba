"""One thread for linear algebra.

The matrices of a trial are small. A linear algebra library that shares them out among threads takes
no less time on an idle machine and many times as much on a busy one, since its threads wait for
each other; and sums that are split otherwise end in other bits.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

import scipy.linalg  # noqa: F401  # its library must be loaded to be found by the controller
from threadpoolctl import ThreadpoolController

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


def single_threaded(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """The function, during which linear algebra runs in one thread."""

    @wraps(function)
    def limited(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        with _libraries().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
