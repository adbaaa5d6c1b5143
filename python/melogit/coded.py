"""What a codebook makes of data: the frame, the account, and what `fit` should know of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from melogit.codebook import Codebook
    from melogit.coding_account import CodingAccount


@dataclass(frozen=True, eq=False, repr=False)
class Coded:
    """Coded data; hand it to `melogit.fit` in place of a frame.

    Attributes
    ----------
    frame : frame of shape (n_rows, n_variables + n_kept)
        The same kind of frame as the data, rows and index in their order: ordered categoricals in
        printed order, numbers, and the columns kept.
    account : CodingAccount
        What became what, with counts.
    codebook : Codebook
        The codebook with rare levels settled: applied to new data, it gives the same levels.
    references : dict of str to str
        Variable -> reference level, for every variable with levels.
    contrasts : dict
        Variable -> what `fit` takes as its contrast, for those that declare one.

    Examples
    --------
    >>> from melogit.codebook import Codebook, Map
    >>> book = Codebook({"gender": Map("sex", {"Male": "1", "Female": "2"}, reference="Female")})
    >>> coded = book.apply({"sex": [2, 1, 1]})
    >>> coded.references, coded.codebook == book
    ({'gender': 'Female'}, True)
    """

    frame: Any
    account: CodingAccount
    codebook: Codebook
    references: dict[str, str]
    contrasts: dict[str, Any]

    def __repr__(self) -> str:
        """Name it in a line."""
        variables = self.codebook.variables
        return (
            f"<melogit.Coded {self.account.rows:,} rows, {len(variables)} variables: "
            f"{', '.join(variables)}>"
        )

    def _repr_html_(self) -> str:
        return self.account._repr_html_()
