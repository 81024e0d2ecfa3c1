"""Writes `transforms/dates/months.json`: how each language names the months, from CLDR and dateparser's data.

    python -m tests.bench.months

CLDR has the forms that stand alone and those that stand in a date, per country (Arabic has three sets);
dateparser adds the abbreviations that newspapers print. Only the names are taken.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

from babel import Locale, localedata

from transforms import dates
from transforms.dates.months import TABLE, fold

LANGUAGES = (
    *("af", "am", "ar", "as", "az", "be", "bg", "bn", "bs", "ca", "ckb", "cs", "cy", "da", "de", "el", "en"),
    *("eo", "es", "et", "eu", "fa", "fi", "fil", "fo", "fr", "fy", "ga", "gd", "gl", "gu", "ha", "he", "hi"),
    *("hr", "hu", "hy", "id", "ig", "is", "it", "ka", "kk", "kl", "km", "kn", "ku", "ky", "lb", "lo", "lt"),
    *("lv", "mg", "mk", "ml", "mr", "ms", "mt", "my", "nb", "ne", "nl", "nn", "or", "pa", "pl", "ps", "pt"),
    *("ro", "ru", "rw", "sd", "si", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te", "tg", "th", "tk"),
    *("tr", "ug", "uk", "ur", "uz", "xh", "yi", "yo", "zu"),
)
_SHORTEST = 3  # letters of a Latin name; `ha`, `ar` and `i` are words
_RARE_SCRIPTS = ("en_Dsrt", "en_Shaw")
_KEYS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def names_in(language: str) -> str:
    """Twelve months between `|`, the names of each, folded, between `,`."""
    found: list[set[str]] = [set(names) for names in _in_newspapers(language)]
    for code in localedata.locale_identifiers():
        if code.split("_")[0] == language and not code.startswith(_RARE_SCRIPTS):
            for forms in Locale.parse(code).months.values():
                for width in ("wide", "abbreviated"):
                    for month, name in forms.get(width, {}).items():
                        found[month - 1].add(name)
    return "|".join(",".join(sorted({form for name in names if (form := _form(name))})) for names in found)


def _in_newspapers(language: str) -> list[list[str]]:
    try:
        info = import_module(f"dateparser.data.date_translation_data.{language}").info
    except ImportError:
        return [[] for _ in _KEYS]
    return [info.get(key, []) for key in _KEYS]


def _form(name: str) -> str:
    form = " ".join(fold(name).replace(".", " ").split())
    is_word = len(form) >= _SHORTEST or not form.isascii()
    return form if is_word and not any(map(str.isdigit, form)) else ""


def main() -> None:
    """Write the table."""
    path = Path(dates.__file__).with_name(TABLE)
    table = {language: names_in(language) for language in LANGUAGES}
    path.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
