"""Linear algebra in one thread, and as many as before afterwards."""

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from trialwright.stats.threads import single_threaded


def threads() -> set[int]:
    return {
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    }


@single_threaded
def inside(fail: bool = False) -> set[int]:
    """What it says."""
    if fail:
        raise ArithmeticError
    return threads()


def test_one_thread_inside_and_the_former_number_after() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        assert inside() == {1}
        assert threads() == {2}


def test_a_failure_gives_the_threads_back() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        with pytest.raises(ArithmeticError):
            inside(fail=True)
        assert threads() == {2}


def test_a_function_keeps_its_name_and_text() -> None:
    assert inside.__name__ == "inside"
    assert inside.__doc__ == "What it says."
