"""What the register derived from a record."""

from trialwright.records.model.base import Day, RegisterModel
from trialwright.records.model.codes import BrowseLeafRelevance
from trialwright.records.model.dates import DateStruct


class Mesh(RegisterModel):
    """A heading of the Medical Subject Headings."""

    id: str | None = None
    term: str | None = None


class BrowseLeaf(RegisterModel):
    """A heading to browse by."""

    id: str | None = None
    name: str | None = None
    as_found: str | None = None
    relevance: BrowseLeafRelevance | None = None


class BrowseBranch(RegisterModel):
    """A branch to browse by."""

    abbrev: str | None = None
    name: str | None = None


class BrowseModule(RegisterModel):
    """Headings of conditions or of interventions."""

    meshes: tuple[Mesh, ...] = ()
    ancestors: tuple[Mesh, ...] = ()
    browse_leaves: tuple[BrowseLeaf, ...] = ()
    browse_branches: tuple[BrowseBranch, ...] = ()


class FirstMcpInfo(RegisterModel):
    """When results first passed control."""

    post_date_struct: DateStruct = DateStruct()


class SubmissionInfo(RegisterModel):
    """One submission of results."""

    release_date: Day | None = None
    unrelease_date: Day | None = None
    unrelease_date_unknown: bool | None = None
    reset_date: Day | None = None
    mcp_release_n: int | None = None


class SubmissionTracking(RegisterModel):
    """All submissions of results."""

    estimated_results_first_submit_date: Day | None = None
    first_mcp_info: FirstMcpInfo | None = None
    submission_infos: tuple[SubmissionInfo, ...] = ()


class MiscInfoModule(RegisterModel):
    """Version and history."""

    version_holder: Day | None = None
    removed_countries: tuple[str, ...] = ()
    submission_tracking: SubmissionTracking | None = None


class DerivedSection(RegisterModel):
    """Headings, version and history."""

    misc_info_module: MiscInfoModule = MiscInfoModule()
    condition_browse_module: BrowseModule = BrowseModule()
    intervention_browse_module: BrowseModule = BrowseModule()
