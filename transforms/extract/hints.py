"""What the names people give to parts of a page say about them: class and id → a set of hints, as bits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

# Short words count only whole (or with an s), long ones also inside of others; `_` is any joint or none.
_WORDS = {
    "body": "article_body article_content article_text article_copy article_main article_section post_content "
    "post_body post_text entry_content entry_body entry_text story_body story_content story_text "
    "body_content body_text body_copy content_body content_text content_article text_content "
    "text_body news_content news_body news_text news_detail detail_content detail_body detail_text "
    "main_text single_content page_content article_detail blog_content cuerpo corps conteudo "
    "contenido_nota artikel_text artikel_inhalt rich_text wysiwyg prose rte",
    "text": "content body story entry paragraph copy text texto contenido inhalt artikel",
    "title": "title headline heading titre titulo titel hed",
    "dek": "dek deck standfirst sub_title subhead sub_headline subtitulo lede lead intro summary abstract "
    "excerpt chapo chapeau vorspann ingress sapo description strapline strap bajada entradilla anons "
    "teaser_text",
    "related": "related read_more read_also read_next recommend more_from more_on more_news more_stories "
    "also_read similar see_also prev next inline_link linklist suggest onward recirc",
    "list": "list feed grid carousel slider teaser card item latest trending most_read most_viewed popular "
    "archive collection river headlines ticker stream loop swiper slick",
    "promo": "promo newsletter sign_up subscrib subscription cta call_to_action banner campaign offer donat "
    "membership download marketing follow join optin mailchimp whatsapp telegram podcast",
    "ad": "ad advert sponsor outbrain taboola dfp gpt adsense partner commercial mgid revcontent werbung "
    "anzeige publicite publicidad reklam",
    "share": "share sharing social facebook twitter linkedin pinterest addthis addtoany bookmark print tool "
    "action toolbar button utility",
    "comment": "comment disqus discussion respond reply replies review kommentar viafoura livefyre coral",
    "author": "author byline bio writer contributor profile autor auteur autore journalist reporter user avatar "
    "staff",
    "meta": "meta metadata date time timestamp publish published updated info detail dateline datum fecha "
    "posted pubdate credit source views reading_time read_time rubric category section_name badge "
    "eyebrow overline flag",
    "tags": "tag topic keyword breadcrumb label hashtag themen subject taxonomy",
    "caption": "caption legend bildunterschrift didascalia legende pie_foto pie_de_foto cutline image_info "
    "image_description",
    "media": "image img photo picture figure video player gallery media slideshow lightbox thumb thumbnail "
    "infographic embed iframe audio jwplayer brightcove",
    "embed": "tweet twitter_tweet instagram tiktok fb_post bluesky social_embed oembed",
    "aside": "aside side_bar rail widget secondary right_col left_col column complementary panel box callout "
    "infobox factbox inset module highlight key_points toc takeaways",
    "nav": "nav navbar navigation menu masthead header top_bar mega hamburger drawer off_canvas search tab "
    "pagination pager paging skip",
    "footer": "footer foot bottom colophon legal disclaimer terms privacy copyright imprint policy about",
    "wall": "paywall pay_wall premium locked regwall meter gate barrier restricted abo login sign_in register "
    "piano plus",
    "hidden": "modal popup pop_up overlay cookie consent gdpr notice alert toast dialog tooltip warning message "
    "hidden sr_only visually_hidden screen_reader hide invisible",
    "quote": "quote blockquote pullquote citation zitat",
    "main": "main article post single primary hentry core center middle",
}
_ALWAYS = 6  # letters from which a word counts inside of another

#: Names of the hints; a bit's place in the set is a name's place here.
HINTS = tuple(_WORDS)


#: (hint, word), in the order in which they are tried where several match.
_TRIED = [
    (hint, word) for hint, words in _WORDS.items() for word in sorted(words.split(), key=len, reverse=True)
]
_BRANCHED = (
    3  # first letters by which words are told apart: trying one after the other takes ten times as long
)


def _pattern(tried: Sequence[tuple[str, str]], bits: list[int], at: int = 0) -> str:
    """Words that agree in their first `at` letters, from there on; `bits` gets the hint of each group."""
    if at < _BRANCHED and all(word[at : at + 1].isalpha() for _, word in tried):
        by_letter: dict[str, list[tuple[str, str]]] = {}
        for hint, word in tried:
            by_letter.setdefault(word[at], []).append((hint, word))
        return "|".join(f"{letter}(?:{_pattern(alike, bits, at + 1)})" for letter, alike in by_letter.items())
    groups = []
    for hint, alike in groupby(tried, key=itemgetter(0)):
        groups.append(f"({'|'.join(_end_of(word, at) for _, word in alike)})")
        bits.append(1 << HINTS.index(hint))
    return "|".join(groups)


def _end_of(word: str, at: int) -> str:
    if len(word) >= _ALWAYS:
        return word[at:].replace("_", "[-_ ]?")
    return rf"{word[at:]}(?<![a-z]{word})s?(?![a-z])"


_BITS = [0]
_ANY = re.compile(_pattern(_TRIED, _BITS))


@lru_cache(maxsize=50_000)
def hints_in(marks: str) -> int:
    """The hints in an element's `marks`."""
    found = 0
    for name in marks.split():
        found |= _hints_of(name)
    return found


@lru_cache(maxsize=50_000)
def _hints_of(name: str) -> int:
    found = 0
    for match in _ANY.finditer(name):
        found |= _BITS[match.lastindex or 0]
    return found
