"""What holds for every rule: both uses agree, Kleene's laws, reasons suffice, text is faithful."""

from typing import Final

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.strategies import ITEMS, ON, complete_inputs, inputs, many_inputs, rules, table
from trialwright.rules import Input, parse_rule
from trialwright.rules.parse import parse
from trialwright.rules.syntax import Logic, Node, Not, text_of

TRUTHS: Final = {"met": True, "not met": False, "unknown": None}
quick = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def scalar(node: Node, row: dict[str, Input]) -> bool | None:
    return TRUTHS[parse_rule(text_of(node), ITEMS).evaluate(row, ON).kind]


@quick
@given(rules(), many_inputs())
def test_one_participant_and_a_table_get_the_same_verdicts(node, rows):
    rule = parse_rule(text_of(node), ITEMS)
    one_by_one = [TRUTHS[rule.evaluate(row, ON).kind] for row in rows]
    at_once = table(rows).select(verdict=rule.expression(ON))["verdict"]
    assert at_once.dtype == pl.Boolean
    if at_once.len() == 1:  # a rule without items is one constant
        at_once = at_once.new_from_index(0, len(rows))
    assert at_once.to_list() == one_by_one


@quick
@given(rules())
def test_the_text_of_a_rule_reads_back_as_the_same_rule(node):
    assert parse(text_of(node)) == node


@quick
@given(rules(with_assessed=False), complete_inputs(), st.sets(st.sampled_from(list(ITEMS))))
def test_learning_more_never_turns_a_decided_verdict(node, row, hidden):
    partial = {name: given for name, given in row.items() if name not in hidden}
    before = scalar(node, partial)
    assert before is None or scalar(node, row) is before


@quick
@given(rules(), inputs())
def test_the_deciding_inputs_alone_give_the_same_verdict(node, row):
    rule = parse_rule(text_of(node), ITEMS)
    verdict = rule.evaluate(row, ON)
    if verdict.kind == "unknown":
        assert not verdict.deciding
    else:
        assert verdict.deciding.items() <= row.items()
        assert rule.evaluate(dict(verdict.deciding), ON).kind == verdict.kind


@quick
@given(rules(with_assessed=False), inputs(), complete_inputs())
def test_collecting_what_an_unknown_verdict_asks_for_leaves_nothing_to_collect_of_it(
    node, row, complete
):
    rule = parse_rule(text_of(node), ITEMS)
    before = rule.evaluate(row, ON)
    wanted = {name.removeprefix("uln(").removeprefix("lln(").rstrip(")") for name in before.collect}
    after = rule.evaluate(row | {name: complete[name] for name in wanted}, ON)
    assert wanted <= rule.items
    beyond = {name for name, given in complete.items() if given.value == 1e16}
    assert not wanted & {*after.collect} - beyond


@quick
@given(rules(), inputs())
def test_every_verdict_has_a_reason_and_only_unknown_ones_ask_for_more(node, row):
    verdict = parse_rule(text_of(node), ITEMS).evaluate(row, ON)
    assert verdict.reason
    assert verdict.kind == "unknown" or not verdict.collect


@quick
@given(rules(), rules(), inputs())
def test_negation_and_de_morgan(one, other, row):
    both, either = Logic("and", (one, other)), Logic("or", (one, other))
    truths = scalar(one, row), scalar(other, row)
    negated = {True: False, False: True, None: None}
    assert scalar(Not(one), row) is negated[truths[0]]
    assert scalar(Not(both), row) is scalar(Logic("or", (Not(one), Not(other))), row)
    assert scalar(Not(either), row) is scalar(Logic("and", (Not(one), Not(other))), row)


@quick
@given(rules(), rules(), inputs())
def test_and_is_the_least_and_or_the_greatest_of_two_truths(one, other, row):
    rank = {False: 0, None: 1, True: 2}  # Kleene's strong logic as an order
    truths = sorted((scalar(one, row), scalar(other, row)), key=rank.__getitem__)
    assert scalar(Logic("and", (one, other)), row) is truths[0]
    assert scalar(Logic("or", (one, other)), row) is truths[1]
