"""What short lines beside a text ask of a reader or tell him, by their words: a set of calls, as bits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from transforms.extract.characters import Codes, Marks, codes_of, matched_by

Digests = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

# A word counts by its first six letters, so that its endings do; `_` joins the two words of a phrase. What is
# written without spaces counts wherever it stands.
_PHRASES = {
    "sign_up": "sign_up signing_up subscribe subscription newsletter newsletters abonnieren abonnez abonnement "
    "anmelden suscríbete suscribirse inscreva inscrivez iscriviti assine assinar подписаться "
    "подпишитесь підписатися prenumerera tilmeld tilaa bülten abone meld_je zapisz_się odebírat "
    "feliratkozás register registrieren log_in login donate donation spenden berlangganan đăng_ký "
    "اشترك اشتراک 订阅 訂閱 登録 購読 구독 सब्सक्राइब",
    "read_more": "read_more see_more learn_more find_out watch_more also_read read_also read_next see_also "
    "click_here related more_on more_from more_about more_stories more_news you_may you_might "
    "recommended lesen_sie mehr_zum mehr_lesen lies_auch auch_interessant weiterlesen à_lire "
    "lire_aussi lire_la voir_aussi lee_también lea_también leer_más mirá_también te_puede "
    "relacionadas relacionados leggi_anche leia_também leia_mais veja_também saiba_mais lees_ook "
    "lees_meer läs_också läs_mer les_også læs_også lue_myös lue_lisää czytaj_także czytaj_też "
    "zobacz_też читайте_также читать_далее читайте_також citește_și baca_juga ayrıca xem_thêm "
    "اقرأ_أيضا مزید_پڑھیں यह_भी 延伸阅读 相关 相關 関連 もっと読む あわせて読みたい 続きを読む 관련기사 더보기",
    "follow": "follow_us follow_on follow_me join_us join_our share_this share_on facebook twitter instagram "
    "whatsapp telegram youtube linkedin tiktok folgen_sie suivez síguenos seguici siga volg_ons "
    "поделиться teilen partager compartir google_news download the_app app_store google_play شارك 分享 "
    "フォロー 팔로우",
    "advert": "advertisement advertising sponsored anzeige werbung publicité publicidad pubblicità publicidade "
    "реклама reklama reklame mainos advertentie story_continues article_continues continue_reading "
    "scroll_to affiliate commission 广告 広告 광고 إعلان",
    "credit": "photo photograph photographer picture image credit copyright source illustration getty reuters "
    "shutterstock pixabay unsplash wikimedia foto bild quelle fuente fonte crédit bron kilde kuva "
    "zdroj źródło фото источник джерело archive archivo 写真 图片 圖片 사진 صورة تصویر",
    "rights": "rights_reserved copyright alle_rechte tous_droits derechos_reservados direitos_reservados "
    "diritti_riservati все_права terms_of privacy cookies republish reproduction conditions "
    "disclaimer 版权 転載 無断",
    "comments": "comment comments kommentar kommentare commentaires comentarios commenti комментарии reply 评论 "
    "コメント 댓글 تعليق",
    "writer": "reporter writer journalist editor correspondent columnist author contributor producer "
    "reporting_by writing_by editing_by edited_by additional_reporting contributed compiled "
    "translated contact email redakteur redaktion journaliste periodista giornalista redactor "
    "korrespondent by our_standards trust_principles 記者 기자 编辑 责任编辑",
    "dated": "published posted updated last_modified last_updated aktualisiert veröffentlicht publié "
    "actualizado publicado pubblicato aggiornato atualizado gepubliceerd publicerad uppdaterad "
    "opublikowano опубликовано обновлено min_read minutes_ago hours_ago days_ago minute_read 发布 更新 公開 "
    "등록 수정",
}
_LETTERS = 6
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_FIRST_UNSPACED = 0x3040
_BETWEEN = "\nx\n"  # with a word, so that the last of a line and the first of the next are no pair
# Words are looked up by digests of 64 bits: sums of the codes of their letters, times these.
_TIMES = tuple(pow(0x9E3779B97F4A7C15, place, 1 << 64) for place in range(1, _LETTERS + 1))
_OF_PAIR = 0xC2B2AE3D27D4EB4F  # times the digest of the first, plus that of the second
_SHIFT = np.uint64(64 - 16)  # to the bits by which a digest is looked for first

#: Names of the calls; a bit's place in the set is a name's place here.
CALLS = tuple(_PHRASES)


def calls_in(lines: Sequence[str]) -> list[int]:
    """The calls in each of some lines without case."""
    table = _table()
    codes = codes_of(_BETWEEN.join(("", *lines, "")))
    is_letter = table.is_letter.take(codes, mode="clip")
    edges = np.flatnonzero(is_letter[1:] != is_letter[:-1]) + 1
    begins = edges[::2]
    words = _digests(np.where(is_letter, codes, 0), begins, edges[1::2])
    digests = np.concatenate([words, words[:-1] * np.uint64(_OF_PAIR) + words[1:]])
    likely = np.flatnonzero(table.is_likely.take(digests >> _SHIFT))
    ends = np.cumsum([len(line) + len(_BETWEEN) for line in lines])
    places = ends.searchsorted(begins[likely % len(words)], "right")
    found = [0] * len(lines)
    for place, digest in zip(places.tolist(), digests[likely].tolist(), strict=True):
        if calls := table.calls.get(digest):
            found[place] |= calls
    if codes.max() >= _FIRST_UNSPACED:
        for place, line in enumerate(lines):
            for key, calls in table.unspaced.items() if _UNSPACED.search(line) else ():
                if key in line:
                    found[place] |= calls
    return found


def _digests(codes: Codes, begins: Places, ends: Places) -> Digests:
    """Of the first letters of words; what stands at their ends is a 0."""
    letters = codes.take(np.minimum(begins + np.arange(_LETTERS)[:, None], ends))
    return np.asarray(np.array(_TIMES, np.uint64) @ letters)


@dataclass(frozen=True)
class _Table:
    """Which codes of characters are letters; what calls there are, by the digests of words and of pairs of them, and
    whether there is one with these upper bits; those in scripts without spaces.
    """

    is_letter: Marks
    calls: dict[int, int]
    is_likely: Marks
    unspaced: dict[str, int]


@lru_cache(maxsize=1)
def _table() -> _Table:
    calls: defaultdict[int, int] = defaultdict(int)
    unspaced: defaultdict[str, int] = defaultdict(int)
    for place, phrases in enumerate(_PHRASES.values()):
        for phrase in phrases.split():
            if _UNSPACED.search(phrase):
                unspaced[phrase] |= 1 << place
            else:
                calls[_digest(phrase)] |= 1 << place
    is_likely = np.zeros(1 << 16, np.bool_)
    is_likely[np.array(list(calls), np.uint64) >> _SHIFT] = True
    return _Table(matched_by(r"[^\W\d_]+"), dict(calls), is_likely, dict(unspaced))


def _digest(phrase: str) -> int:
    """Of a word, or two that are joined by `_`."""
    found = 0
    for word in phrase.casefold().split("_"):
        found = found * _OF_PAIR + sum(
            ord(letter) * times for letter, times in zip(word, _TIMES, strict=False)
        )
    return found % (1 << 64)
