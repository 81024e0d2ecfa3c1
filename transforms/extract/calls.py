"""What short lines beside a text ask of a reader or tell him, by their words: a set of calls, as bits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

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
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

#: Names of the calls; a bit's place in the set is a name's place here.
CALLS = tuple(_PHRASES)


def _stem(word: str) -> str:
    return word.casefold()[:_LETTERS]


def _table() -> dict[str, int]:
    table: dict[str, int] = {}
    for place, phrases in enumerate(_PHRASES.values()):
        for phrase in phrases.split():
            key = phrase if _UNSPACED.search(phrase) else " ".join(map(_stem, phrase.split("_")))
            table[key] = table.get(key, 0) | 1 << place
    return table


_TABLE = _table()
_STEMS = frozenset(key for key in _TABLE if " " not in key)
_PAIRS = {tuple(key.split(" ")): bits for key, bits in _TABLE.items() if " " in key}
_IN_SCRIPTS_WITHOUT_SPACES = tuple(key for key in _TABLE if _UNSPACED.search(key))


def calls_in(text: str) -> int:
    """The calls in a short text."""
    return calls_of(text, _WORD.findall(text.casefold()))


def calls_of(text: str, words: Sequence[str]) -> int:
    """The calls in a short text of known words, without case."""
    stems = [word[:_LETTERS] for word in words]
    found = 0
    for stem in _STEMS.intersection(stems):
        found |= _TABLE[stem]
    for pair in _PAIRS.keys() & pairwise(stems):
        found |= _PAIRS[pair]
    if not text.isascii() and _UNSPACED.search(text):
        for key in _IN_SCRIPTS_WITHOUT_SPACES:
            if key in text:
                found |= _TABLE[key]
    return found
