"""Free-text notes to covariates: a declared lexicon of themes, and how well it agrees with people.

>>> import melogit as ml
>>> found = ml.Lexicon.starter().apply({"note": ["No safeguarding concerns.", "Now on a CP plan."]})
>>> found.n
2

`Lexicon` (`lexicon`) finds themes; what it found is a `Noted` (`noted`), shown in its sentences by
`markup`; `codings` compares it with a human coding, and `kappa` holds the coefficients.
"""

from melogit.notes.kappa import Kappa, cohen_kappa, fleiss_kappa
from melogit.notes.lexicon import Lexicon
from melogit.notes.noted import Noted

__all__ = ["Kappa", "Lexicon", "Noted", "cohen_kappa", "fleiss_kappa"]
