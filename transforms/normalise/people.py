"""Author statements → people, in the order stated.

A statement is cut where dates, addresses and the labels of other work ("Photos by …") stand; what is left
is split into names; what follows a name (a role, an employer, a place) is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from transforms.normalise.syndication import is_agency
from transforms.normalise.text import clean_line

# Before a name. The short ones stand in lower case inside of names as well: only at the start of a line.
_BY = r"by|vo[nm]|par|por|przez|door|автор(?:ы)?|от|текст|بقلم|كتبت?|作者|撰文|文"
_BY_FIRST = rf"{_BY}|(?-i:de|di|da|[Aa][vf]|od)"
_WRITTEN = (
    r"(?:written|posted|published|reported|submitted|compiled|words?|text[eo]?|story|report|article|artikel|recipe|"
    r"interview|column|analysis|content|by-?line|author(?:ed|s)?|auteure?s?|autor(?:[ae]s?|en|in)?|автор(?:ы)?|текст|"
    r"veröffentlicht|geschrieben|eingestellt|erstellt|publié|écrit|publicado|escrito|pubblicato|scritto|skrevet|"
    r"geplaatst|geschreven|opublikowane|redaktion|redakteure?|责任编辑|责编|编辑|撰稿|撰文|记者|記者|"
    r"(?:(?:more|all|latest) )?(?:posts?|stories|articles?|alles|mehr|beiträge|artículos) )"
)
_OTHER_WORK = (
    r"(?:photo\w*|foto\w*|bild(?:er)?|pictures?|images?|illustrat\w+|illustración|graphics?|grafik|video|camera|"
    r"styled|styling|hair|make-?up|edited|editing|bearbeitet|(?:\w+ )?reviewed|fact[- ]?check\w*|checked|"
    r"translat\w+|traduc\w+|traduit|tradotto|übersetz\w+|design\w*|code|produced|presented|hosted|"
    r"quelle|source|fuente|fonte|bron|źródło|источник|credit|©|фото|تصوير|写真|撮影|摄影)"
)
_WORK = re.compile(
    rf"(?<!\w)(?:(?P<other>{_OTHER_WORK})|{_WRITTEN})(?: (?:&|and|und|et|y|e) \w+)?"
    rf"\s*(?:[:：]|(?<!\w)(?:{_BY}|(?-i:de|di|da|av|af))(?!\w)\s*:?|(?<=©))\s*",
    re.IGNORECASE,
)
_LEAD = re.compile(rf"^\W*(?:(?:{_BY_FIRST})(?:\s*[:：/・]\s*|\s+)|by(?-i:(?=[A-Z])))+", re.IGNORECASE)
_WEEKDAY = (
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|\w+tag|mittwoch|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)"
)
_DATE = re.compile(
    rf"(?:\b{_WEEKDAY}\.?,?\s+)?(?:"
    r"\d{4}\s*[年년]\s*\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일]?|"
    r"\d{1,4}[./-](?:\d{1,2}|[^\W\d]{3,9})[./-]\d{2,4}|"
    r"\d{1,2}(?:st|nd|rd|th|\.|er|º)?\s+(?:de\s+)?[^\W\d]+\.?,?\s+(?:de\s+)?\d{4}|"
    r"[^\W\d]+\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|"
    r"\d{1,3}\s?-?min\w*(?:\s+read)?|"
    r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b\.?)?|"
    r"(?<![\w.])\d[\d.,:/]*(?![^\W\d]))",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:(?:dr|prof|mag|mr|mrs|ms)\.?\s+)+", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER = re.compile(r"\d+")
_BARS = re.compile(r"[|·•]")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\S+|@\w+")
# In lower case only: "João E Silva" is one person.
_SPLIT = re.compile(
    r"\s*(?:"
    r"(?P<end>[;、،])|(?P<and>(?:,|\s|^)\s*(?:&|and|und|et|och|og|en|ja|ve|with|mit|avec|con|(?-i:y|e|i|и))(?=\s))|"
    r"(?P<list>,|/|(?<=\w)\|(?=\w))|"
    r"(?P<rest>[|•·]|\s[-–—]+(?=\s|$))|(?P<date>\n)"
    r")\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s*\([^)]*\)?|\s*\[[^\]]*\]|\s+(?:기자|記者|특파원)$|[\s,:;–—-]+$|(?<=[^\W\d_]{3})\.+$")
# The following are matched with whole words, without case and the punctuation around them.
_PARTICLE = re.compile(
    r"d[aeiou]|d[aeo]s|del(?:la|le)?|des|l[aeo]s?|el|al|v[ao]n|vom|de[rmn]|ter|ten?|zu[rm]?|a[fv]|b[ei]nt?|ibn|[eioy]|und|"
    r"of|the|[od]'|'t"
)
_ROLE = re.compile(
    r"editor|reporter|correspondent|writer|contribut(?:or|ing)|columnist|analyst|manag(?:er|ing)|director|"
    r"(?:co-?)?founder|producer|journalist|officer|president|coordinator|developer|designer|reviewer|specialist|expert|"
    r"photographer|representative|ceo|senior|junior|chief|deputy|assistant|associate|freelance|executive|multimedia|"
    r"(?:chef)?redakteur(?:in)?|redakt(?:o|ö)r|korrespondent(?:in)?|volontär(?:in)?|journalistin|journaliste|"
    r"rédact(?:eur|rice)|correspondante?|periodista|redactora?|corresponsal|giornalista|redat(?:tore|trice)|inviat[oa]|"
    r"jornalista|repórter|editora|verslaggever|redacteur|toimittaja|skribent|dziennikarz|редактор|корреспондент|"
    r"журналист|muhabir|editör|yazar"
)
#: What is written about: between an employer and a role they are no surname.
_BEAT = re.compile(
    r"sports?|technology|tech|business|politics|political|economics?|science|health|entertainment|medical|legal|"
    r"education|environment(?:al)?|diplomatic|national|international|religion|travel|food|music|film|culture|arts?"
)
#: Words of links, labels and forms: what they begin names nobody, and no name goes on behind them.
_LABEL = re.compile(
    r"this|name|view|see|all|read|lire|leer|leggi|lesen|lees|läs|ler|czytaj|voir|ver|vedi|читать|читати|open|follow|"
    r"share|comments?|search|updated|last|published|posted|written|reviewed|save|"
    r"subscribe|sponsored|advertisement|min(?:ute)?s?|hours|ago|date|datum|author|about|articles?|posts?|stories|"
    r"profile|bio|photo|fotos?|image|sign|log|privacy|contact|home|recommended|by|guide|tags?|alle|mehr|stand|"
    r"aktualisiert|veröffentlicht|zuletzt|geändert|autor|hace"
)
#: A desk without a name: nobody; a name with one of these behind it is that of a group.
_DESK = re.compile(
    r"teams?|staff|redaktion(?:en)?|redaksjon|redakcja|redazione|redacci[oó]n|reda[cç][aã]o|rédaction|redactie|toimitus|"
    r"редакция|редакція|redakce|redakcija|uredništvo|uredništva|redacția|redacţia|szerkesztőség|συντακτικη|συντακτική|"
    r"ομάδα|ομαδα|σύνταξη|yayın|haber|merkezi|editörü|toimituskunta|編集部|编辑部|編輯部|报道组|(?:news)?desk|newsroom|"
    r"blogger|editors?|editorials?|board|bureau|correspondents?|reporters?|contributors?|"
    r"writers?|agencies|agenturen|agencias|agences|agenzie|agensi|admin(?:istrator)?|wordpressadmin|webmaster|guest|"
    r"user|anonymous|unknown|none|null|default|root|author"
)
_FILLER = re.compile(
    r"the|our|d(?:ie|as|er)|vo[nm]|from|and|und|special|online|web|digital|news|own|eigene|mit|with"
)
_ORGANISATION = re.compile(
    r"agency|agencia|agência|agence|agentur|agenzia|ajansı|agentschap|агентство|news|nachrichten|noticias|presse?|"
    r"pressedienst|pressestelle|prensa|medi[ae]|medien|maga[sz]ine?|zeitung|newspaper|times|post|herald|tribune|"
    r"gazette|journal|network|studios?|channel|tv|radio|inc|ltd|llc|gmbh|ag|e\.v|s\.a|corp(?:oration)?|company|"
    r"universi(?:ty|tät|té|dad|dade|tà|teit)|instituto?e?|school|college|foundation|stiftung|association|verband|verein|"
    r"department|ministry|ministerium|society|council|group|services?|cent(?:er|re)|zentrum|hospital|clinic|health|museum|"
    r"church|blog|podcast|show|facebook|twitter|bluesky|instagram|linkedin|youtube"
)
#: Words in lower case behind a name.
_BEHIND = re.compile(r"on|at|in|am|um|im|for|via|says|said|sagt|schreibt|schrieb|dit|dice|ha|à|às")
#: What begins the names of places: behind a comma they are datelines.
_PLACE = re.compile(r"new|los|las|hong|tel|buenos|rio|north|south|east|west|united")
_DOMAIN = re.compile(r"^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,4}(?:/\w+)?$", re.IGNORECASE)
_UNCASED = re.compile(
    r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_IDEOGRAPHIC = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST_NAME, _MOST_WORDS = 60, 6
_MOST = 30


@dataclass(frozen=True, slots=True)
class Name:
    """A name in an author statement, and whether it is an organisation's or a group's."""

    text: str
    is_group: bool


def people_in(statements: Iterable[str], outlet: str | None = None) -> list[str]:
    """Names, each once: no "By", no addresses, roles or employers, not the outlet itself.

    An organisation or agency stands only where no person does; a desk without a name ("Staff") never.
    """
    found: dict[str, Name] = {}
    for statement in statements:
        for name in names_in(statement):
            found.setdefault(plain(name.text), name)
    if outlet:
        found.pop(plain(outlet), None)
    names = list(found.values())
    return [n.text for n in [n for n in names if not n.is_group] or names][:_MOST]


@lru_cache(maxsize=20_000)
def plain(name: str) -> str:
    """Letters and digits without case, accents and title: what two spellings of one name share."""
    name = _TITLE.sub("", name)
    return "".join(
        c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum() or "\u0900" <= c <= "\u0eff"
    )


@lru_cache(maxsize=20_000)
def names_in(statement: str) -> tuple[Name, ...]:
    """Names in a statement: all of `Ann Lee, Bo Ray`, the first of `Ann Lee, Reporter`."""
    text = clean_line(statement)
    if "@" in text or "www." in text or "://" in text:
        text = _ADDRESS.sub(" | ", text)
    if _NUMBER.search(text):
        text = _DATE.sub("\n", text)
    found: list[Name] = []
    start, is_writing = 0, True
    for label in _WORK.finditer(text):
        if is_writing:
            _collect(text[start : label.start()], found)
        start, is_writing = label.end(), label["other"] is None
    if is_writing:
        _collect(text[start:], found)
    return tuple(found)


def is_signed(line: str, following: str) -> bool:
    """Whether a line is a person's full name beside a day, or above a line that is a role; in cased scripts."""
    has_day = _YEAR.search(line) is not None and len(_NUMBER.findall(line)) > 1
    if _UNCASED.search(line) or not (has_day or is_role(following)):
        return False
    names = names_in(line)
    parts = (part for piece in _DATE.split(line) for part in _BARS.split(piece))
    beside = [part for piece in parts if (part := piece.strip(" ,.–-"))]
    return (
        len(names) == 1
        and is_full(names[0].text)
        and all(part == names[0].text or len(part) < 5 or is_role(part) for part in beside)
    )


def is_person(line: str) -> bool:
    """Whether a line is a person's full name and nothing else, in cased scripts."""
    names = names_in(line) if len(line) <= _LONGEST_NAME and not _UNCASED.search(line) else ()
    return [name.text for name in names] == [line] and is_full(line)


def is_role(line: str) -> bool:
    """Whether a short line names what somebody does, and nobody."""
    words = line.casefold().replace(",", " ").split()
    return len(words) <= 5 and any(map(_ROLE.fullmatch, words)) and not names_in(line)


def _collect(text: str, found: list[Name]) -> None:
    """Add the names of a part that speaks of writing."""
    separator, start, first, goes_on = "", 0, "", True
    for match in [*_SPLIT.finditer(text), None]:
        piece = text[start : match.start() if match else len(text)].strip()
        named = _LEAD.sub("", piece)
        if named != piece and separator in {"rest", "date"}:
            found.clear()  # what stands before "By" and a bar is a label
        name = _name(named)
        is_certain = separator in {"", "end"} or named != piece or (separator == "and" and goes_on)
        goes_on = bool(name) and (is_certain or (is_full(name, first) and (separator == "list" or not found)))
        if goes_on:
            found.append(Name(name, _is_group(name)))
            first = first or name
        if match is None:
            return
        start = match.end()
        separator = str(match.lastgroup) if piece or separator or match["date"] else ""


def _name(piece: str) -> str:
    """The name a piece begins with; '' if it begins with none."""
    while (shorter := _TAIL.sub("", piece)) != piece:
        piece = shorter
    words = piece.strip(" \"'“”„*,:;|&_–—-《》〈〉【】〔〕（）").split()
    bare = [word.strip(".,:*").casefold() for word in words]
    while bare and _ROLE.fullmatch(bare[0]):
        del bare[0], words[0]
    if not words or words[0][0].isdigit() or not any(map(str.isalpha, piece)) or _LABEL.fullmatch(bare[0]):
        return ""
    end = next((place for place in range(1, len(words)) if _ends(words, bare, place)), len(words))
    if end == 1 < len(words) and _ROLE.fullmatch(bare[1]):
        return ""
    if end == 1 < len(words) and _DESK.fullmatch(bare[1]):
        end = len(words)
    if 1 < end < len(words) and _ROLE.fullmatch(bare[end]) and all(map(_BEAT.fullmatch, bare[1:end])):
        return ""  # "AP Technology Writer"
    while end > 1 and _PARTICLE.fullmatch(words[end - 1]):
        end -= 1
    name = " ".join(words[:end]).rstrip(",:")
    if end > _MOST_WORDS or len(name) > _LONGEST_NAME or (end > 2 and name.islower()):
        return ""
    return "" if all(_DESK.fullmatch(word) or _FILLER.fullmatch(word) for word in bare[:end]) else name


def _ends(words: list[str], bare: list[str], place: int) -> bool:
    """Whether a name ends before a word: a role's, a label's, or one in lower case that is no part of names."""
    word = bare[place]
    if _LABEL.fullmatch(word) or _ROLE.fullmatch(word):
        return True
    if _DESK.fullmatch(word):  # "Ann Lee Staff Writer", but "Example City Staff"
        return place + 1 < len(bare) and _ROLE.fullmatch(bare[place + 1]) is not None
    if not words[place].islower():
        return False
    is_surname = place == len(words) - 1 or not words[0][0].isupper() or _PARTICLE.fullmatch(word)
    return not is_surname or _BEHIND.fullmatch(word) is not None


def is_full(name: str, first: str = "") -> bool:
    """Whether a piece that may be a role, an employer or a place reads like a person's full name.

    In capitals only if the `first` name beside it is, too.
    """
    if _UNCASED.search(name):
        return len(name) <= (8 if _IDEOGRAPHIC.search(name) else 40)
    words = [word for word in name.split() if not _PARTICLE.fullmatch(word)]
    return (
        2 <= len(words) <= 4
        and all(word[0].isupper() and word.strip(".")[-1:].isalpha() for word in words)
        and not _PLACE.fullmatch(words[0].casefold())
        and (not first or _shouts(first) or not _shouts(name))
        and not _is_group(name)
    )


def _shouts(name: str) -> bool:
    return any(word.isupper() and len(word) > 2 for word in name.split())


def _is_group(name: str) -> bool:
    """Whether a name has the form of an organisation's."""
    words = [word.strip(".,") for word in name.casefold().split()]
    return (
        words[0] == "the"
        or any(map(_DESK.fullmatch, words[1:]))
        or any(map(_ORGANISATION.fullmatch, words))
        or words[-1].endswith(("-team", "redaktion"))
        or (len(words) == 1 and name.isupper() and len(name) <= 5 and not _UNCASED.search(name))
        or _DOMAIN.match(name) is not None
        or is_agency(name)
    )
