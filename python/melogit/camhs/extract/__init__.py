"""Raw extracts of the Mental Health Services Data Set, invented, with the truth behind them.

>>> from melogit import camhs
>>> extract = camhs.synthetic_extract(500)
>>> extract
<Extract (synthetic): 675 referrals in 5 tables of 13,614 rows>

For learning to read such an extract, and for testing whatever reads it: `Extract.truth` says what a
reader should find, `Extract.planted` how often each fault of real extracts was put in. Codes of
small areas, providers and people are invented.
"""

from melogit.camhs.extract.calendar import SWITCH
from melogit.camhs.extract.dirt import RATES
from melogit.camhs.extract.extract import Extract, synthetic_extract

__all__ = ["RATES", "SWITCH", "Extract", "synthetic_extract"]
