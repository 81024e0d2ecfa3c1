"""The chance that a page is an article, and what else it looks like, by what is told about it as a whole.

What the page claims to be, the form of its address and its title, where its links lead, and how the text that the
reader of the body kept is spread, marked up and worded make a row of numbers; a logistic regression weighs it for
each kind of page (`KINDS`) against articles. The weights are learned by `tests/bench/train_pages.py` and kept beside
this module, a line a number. Of the reader's findings only sums and shares are used, so that a change of it shifts
little here.
"""

from __future__ import annotations

import csv
import math
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import accumulate, chain
from urllib.parse import SplitResult, unquote, urlsplit

import numpy as np
import numpy.typing as npt

from schemas.page import Statement
from transforms.extract.chances import KEPT
from transforms.extract.features import COLUMN
from transforms.extract.fields import believed
from transforms.extract.forest import Floats
from transforms.extract.markup import Block, Element, Markup

Fields = dict[str, list[Statement]]
Ints = npt.NDArray[np.int64]

# What schema.org types, in JSON-LD and in microdata, say a page is about.
_TYPES = {
    "article": r"(?!Tech|Discussion|Job)\w*(Article|Posting|NewsArticle)|Report|Review|OpinionPiece",
    "product": r"Product\w*|IndividualProduct|(Aggregate)?Offer|OfferCatalog|Vehicle|"
    r"SoftwareApplication|MobileApplication",
    "forum": r"DiscussionForumPosting|QAPage|Question|Answer|Comment|UserComments",
    "list": r"CollectionPage|ItemList|SearchResultsPage|DataCatalog",
    "document": r"TechArticle|APIReference|HowTo\w*|SoftwareSourceCode|Course|Book",
    "service": r"Service|ProfessionalService|\w*Business|FAQPage|AboutPage|ContactPage|Event|JobPosting|Store|"
    r"WebApplication|EducationalOrganization|CollegeOrUniversity|Restaurant|Hotel",
}
_TYPE = re.compile("|".join(f"(?P<{name}>(?:{words})$)" for name, words in _TYPES.items()))
_STATED_TYPE = re.compile(r'"@type"\s*:\s*(?:\[\s*)?"(?:https?://schema\.org/)?(\w{3,40})"')

# Words in class and id of <html> and <body>.
_WHOLE = {
    "post": r"single(-(post|format|article))?|post-template|articles?(-page|-template)?|story|node-type-(article|story|"
    r"news|blog)|postid|page-type-article|news",
    "page": r"page-template|page-id|node-type-page|page|landing|parent-pageid",
    "list": r"archive|category|tag|search|listing|collection|list|tax|term",
    "shop": r"product|shop|woocommerce|store|cart|catalog",
    "forum": r"forum|thread|topic|question|discourse|discussion",
    "document": r"docs?|documentation|wiki|manual|reference|help|guide",
}
_ON_WHOLE = {name: re.compile(rf"(?<![a-z])(?:{words})(?![a-z])") for name, words in _WHOLE.items()}

# Words that are whole steps of a path, or labels of a host.
_STEPS = {
    "forum": "forum forums f t thread threads topic topics discussion discussions questions question community "
    "viewtopic showthread showtopic d answers comments boards board q r foro foros",
    "shop": "product products p dp item items shop store buy itm sku prod produkt produkte produit produits producto "
    "productos prodotto cart",
    "list": "category categories c tag tags collections collection topics archive archives search browse list lists "
    "catalog all section sections author authors page hub label directory jobs events gallery cat kategorie "
    "categorie categoria tema temas",
    "document": "docs doc documentation manual reference api guide guides tutorial tutorials learn wiki help support "
    "faq book en latest stable v1 v2 handbook kb specs standards",
    "service": "services service about contact pricing solutions features programs program plans "
    "product-features company platform landing courses course events industries locations careers",
    "news": "news blog blogs article articles story stories post posts press magazine opinion politics world business "
    "sport sports nachrichten artikel actualite noticias noticia notizie nieuws",
}
_STEP = {word: name for name, words in reversed(_STEPS.items()) for word in words.split()}
_HOST = {
    "forum": re.compile(r"forum|communit|discuss|discourse|board|answers|reddit|talk"),
    "shop": re.compile(r"shop|store|buy|mart\b"),
    "document": re.compile(r"docs?\.|developer|help|support|wiki|learn"),
    "news": re.compile(r"news|times|post|herald|tribune|blog|magazine|journal|daily|zeitung|press"),
}
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_DATED = re.compile(r"(?<!\d)(19|20)\d\d[/-]?(0?[1-9]|1[0-2]|[a-z]{3})(?![a-z\d])")
# A set of first characters is looked for much faster than two alternatives.
_PRICE = re.compile(r"[$€£¥₹₽\d](?:(?<!\d)\s?\d|(?<=\d)\s?(?:€|£|zł|kr\b|₽|USD|EUR|円|元))")
# Words by which a page speaks to its reader, of those who made it, of its one author.
_PERSONS = {
    "you": "you your yours yourself du dein deine ihr ihre ihren ihnen sie vous votre vos tu tus te usted ustedes "
    "você voi vostro tuo tua jij je jouw uw u din dina вы ваш ваши вас вам",
    "we": "we our us ours wir unser unsere uns nous notre nos nosotros nuestro nuestra nuestros nós nosso nossa noi "
    "nostro nostra wij ons onze vi vår våra мы наш наши нас нам",
    "i": "i my me i'm mine ich mein mir mich je mon moi yo mi eu meu io mio ik mijn jag min я мне мой меня",
}
_PERSON = {name: frozenset(words.split()) for name, words in _PERSONS.items()}
# Words of titles: of what tells or advises, of what is sold, serves, explains or is discussed.
_TITLED = {
    "asks": "how what why when who which where wie was warum wer comment pourquoi quand cómo qué qual como perché hoe "
    "waarom как что почему",
    "best": "best top tips guide ways reasons things trends vs beste besten meilleur meilleurs meilleures mejores "
    "melhores migliori лучший лучшие",
    "sale": "buy shop sale price product products online store official deal deals kaufen preis acheter prix comprar "
    "precio купить цена",
    "service": "service services solution solutions consulting consultant professional calculator company software "
    "free quote near repair management certified app platform expert experts",
    "manual": "documentation docs reference manual tutorial api install installing installation overview introduction "
    "dokumentation handbuch anleitung",
    "forum": "forum forums discussion discussions thread threads advice recommendation recommendations community "
    "question anyone",
}
_TITLE = {name: frozenset(words.split()) for name, words in _TITLED.items()}
# Small words: headlines are phrases with some, names of goods and services have few.
_SMALL_WORDS = (
    "the a an of to in for on with and or is are was be has have will from by at as that this it its how why what when "
    "who after over into than not his her their our your you we i der die das und im von zu mit für auf ist wie la le "
    "les de des du et en un une pour dans el los las y una por con para il di che del e da o os em um uma no na é при "
    "на в и с по за не что как"
)
_SMALL = frozenset(_SMALL_WORDS.split())
_PIECES = re.compile(r" [|–—\-·:»] ")  # stands between the title, the section, the outlet in <title>
# Where links lead, beside the steps of `_STEP`: signs of shops, of members, of readers who pass a text on.
_LEADS = {
    "cart": "cart basket checkout bag warenkorb panier carrito carrello wishlist cesta korb",
    "members": "user users profile profiles member members u memberlist author usercp",
    "share": "sharer sharer.php intent share sharing sharearticle addtoany whatsapp",
}
_LEAD = {word: name for name, words in _LEADS.items() for word in words.split()}

_OF_KEPT = (
    *("linked", "ends_sentence", "starts_odd", "has_stop", "has_comma", "has_odd", "clock"),
    *("tag_p", "tag_td", "tag_pre", "tag_div", "in_article", "in_best_body"),
    *("far_comment", "far_list", "far_promo", "far_meta"),
)
_OWN = [COLUMN[name] for name in _OF_KEPT]
_HEADINGS = [COLUMN[f"tag_{tag}"] for tag in ("h2", "h3", "h4")]
_TAGS = ("input", "button", "code")
_SOURCES = ("json-ld", "meta", "itemprop", "url")
_HEADLINE, _LONGEST_HEADLINE = 25, 200
_MOST_TOKENS = 2_000
#: Deviations from the mean beyond which a number counts no more.
FARTHEST = 4
_SHORT, _PROSE = 60, 80
_LONG = 3  # letters of a word that titles and addresses share

#: What a page can be that is no article; the regression knows each by itself.
KINDS = ("collection", "documentation", "forum", "listing", "product", "service")

#: Names of the columns of `page_features`.
NAMES: tuple[str, ...] = (
    *(f"type_{name}" for name in _TYPES),
    *("og_article", "og_product"),
    *(f"published_{source}" for source in _SOURCES),
    *("published_shown", "modified", "authors", "is_free"),
    *("slug_words", "slug_digits", "path_date", "is_front", "is_html"),
    *(f"host_{name}" for name in _HOST),
    *(f"step_{name}" for name in _STEPS),
    *(f"label_{name}" for name in _STEPS),
    *(f"whole_{name}" for name in _WHOLE),
    *(f"count_{tag}" for tag in _TAGS),
    *(f"leads_{name}" for name in (*_STEPS, *_LEADS)),
    *("prose", "short_prices", "headlines", "headings", "first_kept_since_h1"),
    *(f"title_{name}" for name in _TITLED),
    *("title_words", "title_small", "title_pieces", "slug_in_title", "title_in_slug"),
    *("text", "lines", "mean_line", "kept_share", "heading_lines", "anchors", *_PERSONS),
    *("parts_of_text", "largest_part", "levels_below"),
    *(f"kept_{name}" for name in _OF_KEPT),
)


def page_features(page: Markup, fields: Fields, rows: Floats, chances: Floats, url: str) -> Floats:
    """One row, a column per name in `NAMES`; `rows` and `chances` are those of the body, one a block."""
    kept = [page.blocks[place] for place in np.flatnonzero(chances > KEPT).tolist()]
    lengths = np.array([len(block.text) for block in page.blocks])
    return np.array(
        [
            *_claims(page, fields),
            *_address(urlsplit(url)),
            *_named(page, fields),
            *(math.log1p(len(page.by_tag.get(tag, ()))) for tag in _TAGS),
            *_links(page),
            *_whole(page, rows, kept, lengths),
            *_title(page, fields, url),
            *_text(kept, int(lengths.sum())),
            *_spread(kept),
            *_shares(rows, chances, lengths),
        ],
        np.float32,
    )


@lru_cache(maxsize=2_000)
def _type_of(name: str) -> str:
    match = _TYPE.match(name)
    return (match.lastgroup or "") if match else ""


def _claims(page: Markup, fields: Fields) -> list[float]:
    stated = [name for script in page.json_ld for name in _STATED_TYPE.findall(script)]
    stated += [element.get("itemtype").rstrip("/").rpartition("/")[2] for element in page.having("itemtype")]
    types = Counter(map(_type_of, stated))
    kinds = [s.value.lower() for s in fields.get("kind", ()) if s.source == "meta:og:type"]
    published = [s.source for s in fields.get("published_at", ())]
    return [
        *(math.log1p(types[name]) for name in _TYPES),
        "article" in kinds,
        any("product" in kind for kind in kinds),
        *(any(source.startswith(one) for source in published) for one in _SOURCES),
        any(not source.startswith(_SOURCES) for source in published),
        "modified_at" in fields,
        min(len(fields.get("authors", ())), 5),
        "is_free" in fields,
    ]


def _address(url: SplitResult) -> list[float]:
    path = unquote(url.path).lower()
    steps = [step for step in path.split("/") if step]
    slug = steps[-1] if steps else ""
    named = {_STEP.get(step.partition(".")[0]) for step in (*steps[:-1], slug)}
    return [
        min(len(_WORD.findall(slug)), 15),
        max(map(len, _DIGITS.findall(slug)), default=0),
        _DATED.search(path) is not None,
        not steps,
        "." in slug,
        *(pattern.search(url.hostname or "") is not None for pattern in _HOST.values()),
        *(name in named for name in _STEPS),
    ]


def _named(page: Markup, fields: Fields) -> list[bool]:
    """What the pieces of the title and the sections name, what class and id of the whole page say."""
    named = [s.value for field in ("site", "section", "label") for s in fields.get(field, ())]
    named += [title.text for title in page.all("title")[:1]]
    labels = {_STEP.get(word) for words in named for word in words[:200].lower().split()}
    whole = " ".join(element.marks for element in page.all("html", "body"))
    return [
        *(name in labels for name in _STEPS),
        *(pattern.search(whole) is not None for pattern in _ON_WHOLE.values()),
    ]


def _links(page: Markup) -> list[float]:
    """How many steps of each name are in the addresses that the page links."""
    steps = Counter("/".join(set(page.addresses)).lower().replace("?", "/").split("/"))
    counts: Counter[str] = Counter()
    for table in (_STEP, _LEAD):
        for step in table.keys() & steps.keys():
            counts[table[step]] += steps[step]
    return [math.log1p(counts[name]) for name in (*_STEPS, *_LEADS)]


def _whole(page: Markup, rows: Floats, kept: list[Block], lengths: Ints) -> list[float]:
    linked = rows[:, COLUMN["linked"]]
    beside = rows[:, [COLUMN[f"in_{tag}"] for tag in ("nav", "aside", "footer", "header")]].any(axis=1)
    headings = rows[:, _HEADINGS].any(axis=1)
    headlines = (linked > 0.8) & (lengths >= _HEADLINE) & (lengths < _LONGEST_HEADLINE) & ~beside
    short = "\n".join(block.text for block in page.blocks if len(block.text) < _SHORT)
    return [
        math.log1p(int(lengths[(lengths >= _PROSE) & (linked < 0.4)].sum())),
        math.log1p(len(_PRICE.findall(short))),
        math.log1p(int(headlines.sum())),
        math.log1p(int((headings & (linked <= 0.5)).sum())),
        rows[kept[0].place, COLUMN["since_h1"]] if kept else -2,
    ]


def _title(page: Markup, fields: Fields, url: str) -> list[float]:
    """The words and the form of the title, and what it shares with the address."""
    title = believed(fields, "title") or ""
    stated = page.first("title")
    words = _WORD.findall(title.lower())
    long = {word for word in words if len(word) >= _LONG}
    slug = unquote(urlsplit(url).path).lower().rstrip("/").rpartition("/")[2]
    named = {word for word in _WORD.findall(slug) if len(word) >= _LONG}
    return [
        *(not own.isdisjoint(words) for own in _TITLE.values()),
        min(len(title.split()), 20),
        sum(word in _SMALL for word in words) / (len(words) + 1),
        len(_PIECES.split(stated.text)) if stated else 1,
        len(named & long) / (len(named) + 1),
        len(named & long) / (len(long) + 1),
    ]


def _text(kept: list[Block], total: int) -> list[float]:
    text = sum(len(block.text) for block in kept)
    read = " ".join(block.text[:600] for block in kept[:100])
    words = read.lower().replace("’", "'").split()[:_MOST_TOKENS]
    counts = Counter(words)
    per = 100 / (len(words) + 20)
    return [
        math.log1p(text),
        math.log1p(len(kept)),
        math.log1p(text / (len(kept) + 1)),
        text / (total + 1),
        sum(block.element.tag in {"h1", "h2", "h3", "h4", "h5", "h6"} for block in kept) / (len(kept) + 1),
        1_000 * sum(len(block.anchors) for block in kept) / (text + 500),
        *(sum(counts[word] for word in own & counts.keys()) * per for own in _PERSON.values()),
    ]


def _spread(kept: list[Block]) -> list[float]:
    """How the text lies below the smallest element that holds most of it: a forum has a part for each post."""
    if not kept:
        return [0.0] * 3
    ends = list(accumulate(len(block.text) for block in kept))
    total = ends[-1]
    # What holds most of the text holds the block in its middle.
    middle = kept[bisect_left(ends, total / 2)].element
    whole = next(e for e in chain([middle], middle.ancestors()) if _mass(kept, e) >= 0.8 * total)
    below = [block for block in kept if whole.holds(block.element)]
    masses: Counter[Element] = Counter()
    for block in below:
        part = next(e for e in chain([block.element], block.element.ancestors()) if e.parent is whole)
        masses[part] += len(block.text)
    return [
        math.log1p(len(masses)),
        max(masses.values(), default=total) / total,
        float(np.mean([block.element.depth - whole.depth for block in below])) if below else 0.0,
    ]


def _mass(kept: list[Block], holder: Element) -> int:
    """Characters of the blocks in an element."""
    start, end = holder.order, holder.end
    return sum(len(block.text) for block in kept if start <= block.element.order < end)


def _shares(rows: Floats, chances: Floats, lengths: Ints) -> Floats:
    weights = np.minimum(lengths, 1_000).astype(np.float32) * chances
    return np.asarray(weights @ rows[:, _OWN] / (weights.sum() + 50), np.float32)


@dataclass(frozen=True)
class Weights:
    """A logistic regression over the columns of `page_features`, each scaled by its mean and deviation.

    `weight` has a row per column and `offset` a number for each of `KINDS`: log odds against an article.
    """

    mean: Floats
    deviation: Floats
    weight: Floats
    offset: Floats

    def shares(self, row: Floats) -> Floats:
        """What each column adds to the log odds of each kind."""
        scaled = np.clip((row - self.mean) / self.deviation, -FARTHEST, FARTHEST)
        return np.asarray(scaled[:, None] * self.weight, np.float32)

    def chances(self, row: Floats) -> Floats:
        """The probabilities that the page is an article, and of each kind; they add up to 1."""
        odds = np.exp([0.0, *self.offset + self.shares(row).sum(axis=0)])
        return np.asarray(odds / odds.sum(), np.float32)

    def reasons(self, row: Floats, kind: str, most: int = 3) -> list[str]:
        """The columns that speak most for a kind; "no" and "little" say that they do by what is missing."""
        shares = self.shares(row)[:, KINDS.index(kind)]
        return [
            f"{'' if row[place] >= self.mean[place] else 'little ' if row[place] else 'no '}{NAMES[place]}"
            for place in np.argsort(-shares)[:most]
            if shares[place] > 0
        ]


@lru_cache(maxsize=1)
def page_weights() -> Weights:
    """The weights that were learned."""
    return read_weights(files("transforms.extract") / "pages.csv")


def read_weights(path: Traversable) -> Weights:
    """Weights from their file. Raises ValueError when they are of other features."""
    with path.open(encoding="utf-8") as file:
        (_, _, _, *kinds), (_, _, _, *offset), *rows = csv.reader(file)
    if tuple(name for name, *_ in rows) != NAMES or tuple(kinds) != KINDS:
        raise ValueError("pages.csv is of other features: run tests.bench.train_pages")
    numbers = np.array([numbers for _, *numbers in rows], np.float32)
    return Weights(numbers[:, 0], numbers[:, 1], numbers[:, 2:], np.array(offset, np.float32))
