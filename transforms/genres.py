"""The words by which outlets mark what an article is: in labels, sections and addresses, in many languages."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from schemas.vocabulary import Kind

# One spelling stands for all that fold to it; `_` is any joint or none.
_WORDS = {
    Kind.OPINION: """
        opinion opinions op_ed comment commentary comment_is_free editorial editorials leader
        leading_article column columns columnist columnists viewpoint viewpoints perspective guest_essay
        guest_opinion letters letter_to_the_editor letters_to_the_editor ideas_and_opinion blog_opinion daily_comment
        opinion_analysis opinion_and_analysis analysis_and_opinion views_and_opinion
        kommentar kommentare meinung meinungen leitartikel kolumne kolumnen glosse gastbeitrag
        gastkommentar standpunkt pro_und_contra leserbriefe debatte meinung_und_debatte
        meinung_analyse meinung_und_analyse analyse_und_meinung tribune tribunes
        chronique chroniques éditorial éditoriaux édito éditos billet point_de_vue débats idées_et_débats
        opinión opiniones columna columnas tribuna editoriales cartas_al_director firmas opinione opinioni
        editoriale editoriali commento commenti l_editoriale opinião coluna colunas colunistas
        artigo_de_opinião opinie opinies commentaar hoofdartikel kolumnister ledare krönika krönikor debatt åsikt
        åsikter kultur_debatt leder kronikk meninger kommentarer kronik debat klumme synspunkt
        pääkirjoitus pääkirjoitukset mielipide mielipiteet kolumni kolumnit opinia komentarz komentarze
        felieton felietony publicystyka komentář komentáře názor názory glosa komentár vélemény jegyzet
        publicisztika opinii comentariu mnenje mnenja komentar kolumna stav stavovi мнение мнения колонка
        колонки комментарий авторские_колонки думка думки погляд погляди коментар коментари
        анализи_и_мнения άποψη απόψεις γνώμη γνώμες σχόλιο yorum yorumlar görüş köşe_yazısı köşe_yazıları
        yazarlar رأي آراء مقالات مقالات_الرأي یادداشت دیدگاه سرمقاله کالم اداریہ דעה דעות טור טורים विचार
        संपादकीय मत মতামত সম্পাদকীয় 社論 社论 評論 评论 观点 觀點
        社説 論説 コラム オピニオン 사설 칼럼 오피니언 opini kolom tajuk
        quan_điểm ý_kiến bình_luận xã_luận ความเห็น ทัศนะ บทบรรณาธิการ
    """,
    Kind.LIVE: """
        live live_blog live_updates live_update live_coverage live_ticker news_ticker ticker
        liveblog en_direct le_direct direct_live en_vivo en_directo directo minuto_a_minuto
        última_hora_en_directo ao_vivo tempo_real in_diretta diretta la_diretta direkt live_rapport
        direktrapport direkte følg_live hetki_hetkeltä seuraa_hetki_hetkeltä na_żywo relacja_na_żywo živě
        on_line_přenos naživo percről_percre élőben în_direct live_text прямая_трансляция
        онлайн_трансляция текстовая_трансляция наживо онлайн_трансляція на_живо ζωντανά λεπτό_προς_λεπτό
        canlı canlı_anlatım canlı_yayın مباشر تغطية_مباشرة تغطية_حية لحظه_به_لحظه עדכונים_חיים 直播 ライブ
        ライブ更新 생중계 라이브 langsung siaran_langsung trực_tiếp
    """,
    Kind.VIDEO: """
        video videos watch vídeo vídeos wideo videó videoklip видео відео βίντεο فيديو فیلم ویدیو וידאו
        वीडियो 動画 视频 視頻 影片 영상 동영상 วิดีโอ
    """,
    Kind.GALLERY: """
        gallery galleries photo_gallery photo_galleries picture_gallery photos pictures in_pictures
        photo_essay slideshow slideshows bildergalerie bildergalerien fotostrecke fotostrecken
        bilderstrecke bildstrecke diaporama diaporamas en_images galería galerías fotogalería fotogalerías
        galeria fotogaleria fotogalleria fotogallery in_beeld fotoserie bildspel bildextra galerie
        fotogalerie zdjęcia képgaléria фотогалерея фоторепортаж фотолента foto_galeri fotoğraf_galerisi
        صور معرض_صور گالری_عکس גלריה 写真特集 フォト 图集 圖集 组图 화보 포토
    """,
    Kind.PRESS_RELEASE: """
        press_release press_releases media_release news_release pressemitteilung pressemitteilungen
        pressemeldung pressemeldungen presseportal communiqué communiqué_de_presse communiqués_de_presse
        comunicado comunicado_de_prensa comunicados nota_de_prensa notas_de_prensa comunicato_stampa
        comunicati_stampa comunicado_de_imprensa persbericht persberichten pressmeddelande
        pressmeddelanden pressemeddelelse pressemelding lehdistötiedote tiedote tiedotteet
        komunikat_prasowy tisková_zpráva sajtóközlemény comunicat_de_presă пресс_релиз пресс_релизы
        прес_реліз basın_bülteni δελτίο_τύπου بيان_صحفي プレスリリース 新闻稿 新聞稿 보도자료 siaran_pers pr_newswire
        business_wire globenewswire newswire_press_release
    """,
}
# Names of sections and tags that fit every article of an outlet.
_VAGUE = """
    news all_news latest latest_news top_news top_stories breaking_news featured blog blogs article articles
    story stories post posts topics categories archive archives resources general misc other uncategorized
    uncategorised default home nachrichten aktuell aktuelles aktuelle_meldungen meldungen artikel themen
    allgemein allgemeines sonstiges archiv actualité actualités actu actus nouvelles non_classé noticia noticias
    actualidad artículos temas sin_categoría notícia notícias artigos notizie attualità articoli nieuws
    artikelen algemeen nyheter nyheder artikkeli uutiset wiadomości aktualności artykuły zprávy správy články
    aktuality hírek cikkek știri vijesti vesti novice новости новини вести статьи статті статии ειδήσεις νέα
    haber haberler güncel genel أخبار الأخبار مقالات اخبار خبر חדשות समाचार खबर খবর সংবাদ ข่าว tin_tức berita 新闻
    新聞 资讯 文章 ニュース ニュース一覧 記事 ブログ 뉴스 기사 전체 블로그 tags tag detail details search_results
"""
# Words that mean a live report wherever they stand in an address; "live" alone is a verb as well.
_SLUG = re.compile(
    r"live-?(blog|ticker|updates?)|news-?ticker|(?<![a-z])(minuto-a-minuto|en-direct|en-directo|ao-vivo|relacja-na-zywo|"
    r"percrol-percre|hetki-hetkelta)(?![a-z])"
)
# Words that mean press releases in any part of an address above the last; a headline may speak of one.
_RELEASES = re.compile(
    r"(?<![a-z])(press-?releases?|(media|news)-releases?|presse?(mitteilung|meldung|meddelels)(en|er)?|"
    r"communiques?-de-presse|comunicados?-de-(prensa|imprensa)|notas?-de-prensa|comunicat[oi]-stampa|"
    r"persbericht(en)?|pressmeddelanden?|lehdistotiedot(e|teet))(?![a-z])"
)
_LETTER = re.compile(r"[^\W_]+")
_PATH_PLAIN = str.maketrans("áàâãäåéèêëíìîïóòôõöøúùûüçñšžýćčđłńśźż", "aaaaaaeeeeiiiioooooouuuucnszyccdlnszz")
_LONGEST = 40  # characters; what is longer is no label


def _fold(words: str) -> str:
    return "".join(_LETTER.findall(words.casefold()))


_KIND_BY_NAME = {_fold(word): kind for kind, words in _WORDS.items() for word in words.split()}
_VAGUE_NAMES = frozenset(map(_fold, _VAGUE.split()))
_KIND_BY_SEGMENT = {name.translate(_PATH_PLAIN): kind for name, kind in _KIND_BY_NAME.items()} | _KIND_BY_NAME


@lru_cache(maxsize=20_000)
def kind_of_label(words: str) -> Kind | None:
    """What a label says an article is, None if it names a topic; the label has to say nothing else.

    >>> kind_of_label("Press Release"), kind_of_label("Pro & Contra"), kind_of_label("Politics")
    (<Kind.PRESS_RELEASE: 'press_release'>, None, None)
    """
    return _KIND_BY_NAME.get(_fold(words)) if len(words) <= _LONGEST else None


def is_vague(name: str) -> bool:
    """Whether a section or tag tells nothing of an article.

    >>> is_vague("Latest News"), is_vague("Uncategorized"), is_vague("World news")
    (True, True, False)
    """
    return _fold(name) in _VAGUE_NAMES


def kind_of_path(path: str) -> Kind | None:
    """What the path of an address says: by a whole segment above the last, or by a word for live reports
    or press releases.

    >>> kind_of_path("/news/live-ticker-storm-123"), kind_of_path("/meinung/storm"), kind_of_path("/where-to-live")
    (<Kind.LIVE: 'live'>, <Kind.OPINION: 'opinion'>, None)
    """
    path = unquote(path).lower()
    if _SLUG.search(path):
        return Kind.LIVE
    segments = path.strip("/").split("/")[:-1]
    if _RELEASES.search("/".join(segments).replace("_", "-").translate(_PATH_PLAIN)):
        return Kind.PRESS_RELEASE
    return next((kind for part in segments if (kind := _KIND_BY_SEGMENT.get(_fold(part)))), None)
