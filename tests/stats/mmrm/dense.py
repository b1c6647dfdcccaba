"""A mixed model for repeated measures written out plainly, participant by participant.

The covariance of a participant's records is built from the parameters that R's mmrm documents (log
standard deviations and mapped correlations; a scaled Cholesky factor if unstructured). All slopes
and curvatures are differences. Nothing is taken from a fit but its covariance among visits.

Kenward & Roger, Biometrics 1997;53:983. Fai & Cornelius, JSCS 1996;54:363. Bell & McCaffrey, Survey
Methodology 2002;28:169.
"""

import numpy as np

VISITS = 4
POSITIONS = np.array([0.0, 1.0, 2.5, 4.0])  # uneven, for the spatial structures
LAG = np.abs(np.subtract.outer(np.arange(VISITS), np.arange(VISITS)))
APART = np.abs(np.subtract.outer(POSITIONS, POSITIONS))


def made_trial(seed, people, missed=0.15):
    """Two arms, a baseline, four visits of which some were missed; rows in no order."""
    rng = np.random.default_rng(seed)
    who, visit = np.repeat(np.arange(people), VISITS), np.tile(np.arange(VISITS), people)
    arm, base = (who % 2).astype(float), rng.normal(size=people)[who]
    noise = 0.6 * rng.normal(size=(people, VISITS)).cumsum(axis=1).ravel()
    noise += 0.9 * rng.normal(size=people)[who] + 0.6 * rng.normal(size=len(who))
    design = np.column_stack([np.ones(len(who)), base, arm, visit == 2, visit == 3, arm * visit])
    kept = rng.permutation(np.flatnonzero(rng.uniform(size=len(who)) > missed))
    whole = {
        "response": 1 + base + noise - arm * visit / 2,
        "design": design.astype(float),
        "participant": who,
        "visit": visit,
        "weights": rng.uniform(0.5, 2, size=len(who)),
        "group": who % 2,
    }
    return {name: values[kept] for name, values in whole.items()}


def covariance(name, t):
    """Among visits, from mmrm's parameters."""
    if name == "us":
        root = np.eye(VISITS)
        root[np.tril_indices(VISITS, -1)] = t[VISITS:]
        root = np.exp(t[:VISITS])[:, None] * root
        return root @ root.T
    each = VISITS if name.endswith("h") else 1
    deviations = np.exp(np.broadcast_to(t[:each], VISITS))
    return np.outer(deviations, deviations) * correlation(name.removesuffix("h"), t[each:])


def correlation(kind, t):
    if kind == "cs":
        least = -1 / (VISITS - 1)
        return np.where(LAG == 0, 1.0, least + (1 - least) / (1 + np.exp(-t[0])))
    if kind.startswith("sp"):
        base = 1 / (1 + np.exp(-t[0]))
        return base ** (APART**2 if kind == "sp_gau" else APART)
    mapped = t / np.sqrt(1 + t**2)
    if kind == "ar1":
        return mapped[0] ** LAG
    if kind == "toep":
        return np.append(1.0, mapped)[LAG]
    return np.array([
        [np.prod(mapped[min(i, j) : max(i, j)]) for j in range(VISITS)] for i in range(VISITS)
    ])  # fmt: skip


def parameters(name, matrix):
    """Mmrm's parameters of a covariance of that structure."""
    if name == "us":
        root = np.linalg.cholesky(matrix)
        scale = np.diag(root)
        below = (root / scale[:, None])[np.tril_indices(VISITS, -1)]
        return np.concatenate([np.log(scale), below])
    logs = np.log(np.diag(matrix)) / 2
    r = matrix / np.exp(np.add.outer(logs, logs))
    kind = name.removesuffix("h")
    if kind == "cs":
        share = (r[0, 1] + 1 / (VISITS - 1)) / (1 + 1 / (VISITS - 1))
        rest = np.array([np.log(share / (1 - share))])
    elif kind.startswith("sp"):  # the first two visits are one apart
        rest = np.array([np.log(r[0, 1] / (1 - r[0, 1]))])
    else:
        kept = {"ar1": r[0, 1:2], "toep": r[0, 1:], "ad": np.diag(r, 1)}[kind]
        rest = kept / np.sqrt(1 - kept**2)
    return np.concatenate([logs if name.endswith("h") else logs[:1], rest])


class Dense:
    """The model of one trial at the covariances that a fit has found, one for each group."""

    def __init__(self, trial, name, found, *, grouped, weighted, restricted):
        self.name, self.restricted = name, restricted
        self.at = np.concatenate([parameters(name, matrix) for matrix in found])
        self.groups, self.each = len(found), len(self.at) // len(found)
        self.people = [np.flatnonzero(trial["participant"] == one)
                       for one in np.unique(trial["participant"])]  # fmt: skip
        number = len(self.people)
        # A visit that was missed keeps a place with variance one and no design: it adds nothing.
        self.x = np.zeros((number, VISITS, trial["design"].shape[1]))
        self.y, self.seen = np.zeros((number, VISITS)), np.zeros((number, VISITS), bool)
        self.root = np.ones((number, VISITS))
        self.group = np.zeros(number, int)
        for i, rows in enumerate(self.people):
            visit = trial["visit"][rows]
            self.x[i, visit], self.y[i, visit] = trial["design"][rows], trial["response"][rows]
            self.seen[i, visit] = True
            if weighted:
                self.root[i, visit] = np.sqrt(trial["weights"][rows])
            if grouped:
                self.group[i] = trial["group"][rows[0]]
        both = self.seen[:, :, None] & self.seen[:, None, :]
        self.shares = both / self.root[:, :, None] / self.root[:, None, :]
        self.missed = np.where(self.seen, 0.0, 1.0)[:, :, None] * np.eye(VISITS)

    def v(self, t):
        """Each participant's covariance, divided by the weights."""
        by_group = np.array([covariance(self.name, part) for part in np.split(t, self.groups)])
        return by_group[self.group] * self.shares + self.missed

    def mean(self, t):
        """Covariance of the coefficients, the coefficients, residuals and inverse covariances."""
        w = np.linalg.inv(self.v(t))
        x, turned = np.vstack(self.x), np.vstack(w @ self.x)  # a record a row
        phi = np.linalg.inv(x.T @ turned)
        beta = phi @ turned.T @ np.hstack(self.y)
        return phi, beta, self.y - self.x @ beta, w

    def height(self, t):
        """Minus the log likelihood."""
        phi, _, left, w = self.mean(t)
        value = -np.linalg.slogdet(w)[1].sum() + np.sum(left[:, None] @ w @ left[:, :, None])
        records = int(self.seen.sum()) - self.restricted * len(phi)
        return (
            value - self.restricted * np.linalg.slogdet(phi)[1] + records * np.log(2 * np.pi)
        ) / 2

    def steps(self, size=2e-3):
        return size * np.eye(len(self.at))

    def slope(self):
        """Of `height`, by differences of the fourth order."""
        at, h = self.at, self.height
        return np.array([
            (8 * (h(at + u) - h(at - u)) - h(at + 2 * u) + h(at - 2 * u)) / (12 * u.sum())
            for u in self.steps()
        ])  # fmt: skip

    def omega(self):
        """Inverse of the curvature: the covariance of the parameters."""
        at, steps, h = self.at, self.steps(), self.height
        single = [h(at + u) + h(at - u) - 2 * h(at) for u in steps]
        curve = np.zeros((len(at), len(at)))
        for i, a in enumerate(steps):
            curve[i, i] = single[i] / a.sum() ** 2
            for j, b in enumerate(steps[:i]):
                both = h(at + a + b) + h(at - a - b) - 2 * h(at)
                curve[i, j] = curve[j, i] = (both - single[i] - single[j]) / (2 * a.sum() * b.sum())
        return np.linalg.inv(curve)

    def variance_slopes(self):
        """Of the coefficients' covariance by each parameter."""
        return np.array([
            (self.mean(self.at + u)[0] - self.mean(self.at - u)[0]) / (2 * u.sum())
            for u in self.steps(1e-4)
        ])  # fmt: skip

    def kenward_roger(self, omega, *, second_order):
        """The adjusted covariance: Q_ij, P_i and R_ij summed over participants, pair by pair."""
        phi, _, _, w = self.mean(self.at)
        steps, at, v, count = self.steps(), self.at, self.v, len(self.at)
        d = [(v(at + u) - v(at - u)) / (2 * u.sum()) for u in self.steps(1e-4)]
        turned = w @ self.x
        p = [-np.einsum("iap,iab,ibq->pq", turned, each, turned) for each in d]
        middle = np.zeros_like(phi)
        for i in range(count):
            for j in range(count):
                q = np.einsum("iap,iab,ibq->pq", turned, d[i] @ w @ d[j], turned)
                middle += omega[i, j] * (q - p[i] @ phi @ p[j])
                if second_order:
                    a, b = steps[i], steps[j]
                    bend = v(at + a + b) - v(at + a - b) - v(at - a + b) + v(at - a - b)
                    bend /= 4 * a.sum() * b.sum()
                    middle -= omega[i, j] * np.einsum("iap,iab,ibq->pq", turned, bend, turned) / 4
        return phi + 2 * phi @ middle @ phi

    def sandwich(self, power):
        """Residuals divided by a power of their leverage: 0 is CR0, -1/2 CR2 and -1 CR3.

        Returns the covariance and, for one combination, Bell and McCaffrey's degrees of freedom.
        Residuals are made independent by the symmetric root of the inverse covariance.
        """
        phi, _, left, w = self.mean(self.at)
        designs, parts, meat = [], [], np.zeros_like(phi)
        for i, seen in enumerate(self.seen):
            root = _power(w[i][np.ix_(seen, seen)], 0.5)
            design = root @ self.x[i, seen]
            factor = _power(np.eye(seen.sum()) - design @ phi @ design.T, power)
            score = design.T @ factor @ root @ left[i, seen]
            meat += np.outer(score, score)
            designs.append(design)
            parts.append(factor @ design @ phi)
        whole = np.vstack(designs)
        kept = np.eye(len(whole)) - whole @ phi @ whole.T

        def free(row):
            begin, columns = 0, []
            for part in parts:
                column = np.zeros(len(whole))
                column[begin : begin + len(part)] = part @ row
                columns.append(kept @ column)
                begin += len(part)
            inner = np.array(columns) @ np.array(columns).T
            return np.trace(inner) ** 2 / (inner**2).sum()

        return phi @ meat @ phi, free


def _power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(values**exponent) @ vectors.T
