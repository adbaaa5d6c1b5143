"""A codebook applied to data: columns in, one after the other; a frame and its account out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from melogit.checks import at_least_one
from melogit.coded import Coded
from melogit.coded_frame import coded_frame
from melogit.coding_account import CodingAccount, VariableAccount
from melogit.errors import OptionError
from melogit.factor import Factor
from melogit.frame import Frame, open_frame
from melogit.lookups import read_lookups
from melogit.sources import read_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from melogit import _core
    from melogit.codebook import Codebook


def apply(
    book: Codebook,
    data: Any,
    lookups: Mapping[str, Any] | None,
    keep: Sequence[str],
    threads: int | None,
) -> Coded:
    """Do the work of `Codebook.apply`."""
    import narwhals.stable.v2 as nw

    core = book._core
    variables = core.variables()
    names = [variable["name"] for variable in variables]
    kept = _kept(keep, names)
    threads = None if threads is None else at_least_one("threads", threads)
    tables = read_lookups(lookups)
    frame = open_frame(nw.to_native(data, pass_through=True), [*core.columns(), *kept])
    _check_columns(core, frame, kept)
    coded = _code(core, variables, frame, tables, threads)
    core.refuse_uncovered([coded[name] for name in names])
    settled = core.settled({v["name"]: coded[v["name"]].merged for v in variables if v["rare"]})
    accounts = [VariableAccount.of(variable, coded[variable["name"]]) for variable in variables]
    columns = ((name, _column(coded[name])) for name in names)
    return Coded(
        frame=coded_frame(columns, kept, frame),
        account=CodingAccount(core.title, core.description, frame.nrows, accounts, frame.backend),
        codebook=type(book)._of(settled),
        references={
            name: variable["reference"] or coded[name].levels[0]
            for name, variable in zip(names, variables, strict=True)
            if variable["levels"]
        },
        contrasts={v["name"]: v["contrast"] for v in variables if v["contrast"] is not None},
    )


def _kept(keep: Sequence[str], names: list[str]) -> list[str]:
    if isinstance(keep, str):
        keep = [keep]
    kept = list(dict.fromkeys(keep))
    both = [name for name in kept if name in names]
    if both:
        raise OptionError(
            f"keep= names {', '.join(map(repr, both))}, which the codebook makes. Rename the "
            "variable in the codebook, or leave it out of keep=.",
            slug="keep-coded",
        )
    return kept


def _check_columns(core: _core.Codebook, frame: Frame, kept: list[str]) -> None:
    needed = core.columns()
    # What is in the index, or twice, is better said by the frame; what is misspelled, by the codebook.
    frame.check(name for name in needed if name in frame.names or name in frame.index_names)
    core.check_columns(list(frame.names))
    frame.check(kept)


def _code(
    core: _core.Codebook,
    variables: list[dict[str, Any]],
    frame: Frame,
    tables: dict[str, dict[str, str]],
    threads: int | None,
) -> dict[str, _core.CodedVariable]:
    """Code every variable; a column is read when first needed and forgotten after its last use."""
    held: dict[str, _core.Source] = {}
    coded: dict[str, _core.CodedVariable] = {}
    order = _order(variables)
    for position, variable in enumerate(order):
        columns = variable["columns"]
        for column in columns:
            if column not in held:
                held[column] = read_source(column, frame.raw(column), threads)
        coded[variable["name"]] = core.code(
            variable["name"], {column: held[column] for column in columns}, tables, threads
        )
        later = {column for other in order[position + 1 :] for column in other["columns"]}
        held = {column: source for column, source in held.items() if column in later}
    return coded


def _order(variables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put variables of the same columns together, so that few columns are held at a time."""
    order: list[dict[str, Any]] = []
    waiting, held = list(variables), set[str]()
    while waiting:
        ready = [variable for variable in waiting if held.issuperset(variable["columns"])]
        ready = ready or waiting[:1]
        order += ready
        held.update(column for variable in ready for column in variable["columns"])
        waiting = [variable for variable in waiting if variable not in ready]
    return order


def _column(coded: _core.CodedVariable) -> Any:
    values = coded.take_values()
    return Factor(values, coded.levels) if values.dtype.kind == "i" else values
