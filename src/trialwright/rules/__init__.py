"""The three-valued rule language of eligibility and edit checks: one parse, two uses.

    rule = parse_rule("alt < 2 * uln(alt)", {"alt": ItemType("number", unit="U/L")})
    rule.evaluate({"alt": Input(95, upper_limit=40)}, on=date(2026, 1, 4))  # a Verdict, with reason
    table.with_columns(eligible=rule.expression(on=date(2026, 1, 4)))       # true, false or null

`docs/reference/rule-language.md` describes the language.
"""

from trialwright.rules.error import RuleError
from trialwright.rules.rule import Rule, Verdict, parse_rule
from trialwright.rules.types import Input, ItemType

__all__ = ["Input", "ItemType", "Rule", "RuleError", "Verdict", "parse_rule"]
