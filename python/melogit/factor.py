"""An ordered factor for users without a data frame library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Factor:
    """Codes and their levels in order.

    Parameters
    ----------
    codes : numpy.ndarray of shape (n_rows,), signed integers
        Position of each row's level; -1 where there is none.
    levels : list of str
        The levels, in order.

    Examples
    --------
    >>> Factor(np.array([1, -1, 0], dtype=np.int8), ["low", "high"]).tolist()
    ['high', None, 'low']
    """

    codes: npt.NDArray[Any]
    levels: list[str]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return the levels row by row, None where there is none."""
        # The last one is for code -1.
        labels: npt.NDArray[Any] = np.array([*self.levels, None], dtype=object)
        return np.asarray(labels[self.codes])

    def tolist(self) -> list[str | None]:
        """Return the levels row by row, None where there is none."""
        return list(self.__array__())
