"""What pages of many languages say in the same situation. None decides alone: structure has to agree."""

from __future__ import annotations

import re


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


#: What a consent wall speaks of: cookies, personal data, partners, consenting, choosing.
CONSENT: tuple[re.Pattern[str], ...] = (
    _any_of("cookie", "クッキー", "куки", "ملفات تعريف", "쿠키"),
    _any_of(
        *(
            "personal (data|information)",
            "personenbezogene",
            "données (à caractère )?personnel",
            "datos personales",
        ),
        *("dati personali", "dados pessoais", "personuppgifter", "persoonsgegevens", "danych? osobow"),
        *(
            r"(личны|персональны)[ех]\w* данны",
            "بيانات شخصية",
            "個人(データ|情報)",
            "个人(信息|数据)",
            "개인정보",
        ),
    ),
    _any_of(
        *(r"\bpartner", "partenaires", "socios", "parceiros", "партн[её]р", "شركا", "提携", "パートナー"),
        *("合作伙伴", "파트너"),
    ),
    _any_of(
        *(
            "consent",
            "zustimm",
            "einwillig",
            "akkoord",
            "samtyck",
            "zgod[ay]",
            "согла[сш]",
            "موافق",
            "同意",
            "동의",
        ),
    ),
    _any_of(
        *("accept all", "alle akzeptieren", "tout accepter", "acept(ar|e)", "accetta", "aceitar", "принять"),
        *(
            "(privacy|privatsphäre|datenschutz).{0,9}(settings|einstellung)",
            "настройк",
            "設定",
            "设置",
            "설정",
        ),
        *("(your|ihre|su|votre|sua) (choice|auswahl|elección|choix|scelta)", "اختيار"),
    ),
)

#: A heading over a page that is not there.
MISSING = _any_of(
    *(
        r"^\W*(error|http)?\W*4(04|10)\W*($|error|not|page|seite)",
        r"\b(page|article|story|content|file)\b.{0,30}\b(not found|does ?n.t exist)",
    ),
    *(r"\b(page|article|story|content|file)\b.{0,30}\b(no longer|not) (available|here|exist)",),
    *(r"\b(seite|artikel|inhalt)\b.{0,30}\b(nicht (mehr )?(gefunden|verfügbar|vorhanden)|existiert nicht)",),
    *(r"\b(page|article)\b.{0,20}\b(introuvable|n.existe (pas|plus))", "não encontrad", "niet gevonden"),
    *(
        r"\b(página|artículo|nota)\b.{0,20}\bno (se ha )?(encontrad|existe|disponible)",
        r"non (è stata )?trovat[ao]\b",
    ),
    *("hittades inte", "ikke fundet", "ikke funnet", "ei löydy", "nie (znalezion|istniej)", "nenalezen"),
    *("nem található", "bulunamadı", "не найден", "не существует", "не знайден", "غير موجود", "לא נמצא"),
    *("یافت نشد", "見つかりません", "存在しません", "找不到", "不存在", "찾을 수 없", "không tìm thấy"),
    *("tidak ditemukan", "ไม่พบ"),
)

#: What stands in an article's place for readers without an account.
MEMBERS = _any_of(
    r"\b(log|sign) ?in (to|and) (read|continue|view|access)|\bsubscribe (now )?to (read|continue|unlock|keep)",
    r"\balready (a (subscriber|member)|subscribed)|\bsubscribers? only",
    r"(only|exclusive) (for|to) (our )?(subscribers|members)",
    r"\bregister (for free )?to (read|continue)|\bthis (article|content|story) is (only |reserved )?for (our )?"
    r"(paying )?(subscribers|members)",
    *(
        r"nur für abonnent|\banmelden,? um|\bbereits (abonnent|registriert|ein abo)",
        r"abonnieren.{0,20}weiterlesen",
    ),
    *(
        "réservée? (à nos|aux) abonnés",
        "déjà abonné",
        r"(connectez|abonnez|inscrivez)-vous pour (lire|continuer)",
    ),
    *(
        r"(solo|exclusivo) para (suscriptor|socios)",
        r"ya eres suscriptor",
        r"(inicia sesión|suscríbete) para (leer|seguir)",
    ),
    *(r"riservat[oa] agli abbonati", r"sei già abbonato", r"(accedi|abbonati) per (leggere|continuare)"),
    *(
        r"exclusivo para assinantes",
        r"já é assinante",
        r"assine para (ler|continuar)",
        r"faça (o )?login para",
    ),
    *(
        r"alleen voor abonnees",
        r"\bal abonnee\b",
        r"log in om (verder )?te lezen",
        r"för prenumeranter",
        "redan prenumerant",
    ),
    *(
        r"logga in för att",
        r"for abonnenter",
        r"allerede abonnent",
        r"tylko dla (subskrybent|prenumerator)",
        "zaloguj się,? aby",
    ),
    *(
        r"только для подписчик",
        r"войдите,? чтобы",
        "лише для передплатник",
        "للمشتركين فقط",
        "سجل الدخول ل",
        "למנויים בלבד",
    ),
    *(
        "会員限定",
        "有料会員",
        "ログインして(続き|読)",
        "登录后(阅读|查看|继续)",
        "订阅后",
        "会员专享",
        "구독자 전용",
        "로그인 후",
    ),
)
