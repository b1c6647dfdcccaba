"""Comparisons of means and ranks of two or more arms, stratified or not."""

from trialwright.stats.ranks.several_arms import jonckheere_terpstra, kruskal_wallis
from trialwright.stats.ranks.stratified import stratified_wilcoxon, van_elteren
from trialwright.stats.ranks.two_arms import hodges_lehmann, student, welch, wilcoxon

__all__ = [
    "hodges_lehmann",
    "jonckheere_terpstra",
    "kruskal_wallis",
    "stratified_wilcoxon",
    "student",
    "van_elteren",
    "welch",
    "wilcoxon",
]
