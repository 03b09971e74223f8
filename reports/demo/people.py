"""Who is in the demo: our people, our customers and how each of them behaves. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

NAMES = {
    "sara": ("Sara", "Colombo"),
    "bea": ("Bea", "Conti"),
    "aldo": ("Aldo", "Ferri"),
    "carla": ("Carla", "Monti"),
    "teo": ("Teo", "Galli"),
    "ada": ("Ada", "Riva"),
    "admin": ("Ines", "Bassi"),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """How a kind of customer trades and pays. Days are relative to the due date."""

    invoices_per_month: float
    usual_amount: int
    days_late: int
    spread: int
    unpaid_share: float
    limit: str
    limit_factor: float
    status: str = "released"
    control: str = "lock"


PROFILES = {
    "prompt": Profile(3.0, 2400, -3, 3, 0.00, "amount", 1.9),
    "steady": Profile(4.0, 1800, 0, 3, 0.00, "amount", 1.6),
    "large": Profile(6.0, 6500, 1, 4, 0.00, "amount", 1.45),
    "slow": Profile(3.0, 2100, 5, 4, 0.00, "amount", 1.35),
    "late": Profile(2.5, 1700, 24, 11, 0.03, "amount", 1.05),
    "tight": Profile(4.0, 2600, 2, 4, 0.00, "amount", 1.04),
    "debtor": Profile(1.5, 1500, 50, 20, 0.20, "amount", 0.6, status="debtor"),
    "blocked": Profile(1.0, 1200, 60, 20, 0.35, "zero", 0.0, status="blocked"),
    "protested": Profile(1.2, 1900, 55, 20, 0.30, "zero", 0.0, status="protested"),
    "review": Profile(2.0, 2300, 12, 8, 0.02, "amount", 1.2, status="under_review"),
    "prepaid": Profile(1.5, 900, -60, 2, 0.00, "zero", 0.0),
    "public": Profile(2.0, 5200, 4, 4, 0.00, "unlimited", 0.0),
    "watched": Profile(2.5, 2000, 4, 4, 0.00, "amount", 0.95, control="monitor"),
    "new": Profile(0.0, 0, 0, 0, 0.0, "none", 0.0),
}

# Name, city, country, profile, group.
CUSTOMERS = (
    ("Rossi Impianti S.r.l.", "Bergamo", "IT", "tight", "ROSSI"),
    ("Rossi Service S.r.l.", "Brescia", "IT", "steady", "ROSSI"),
    ("Rossi Estero S.p.A.", "Milano", "IT", "slow", "ROSSI"),
    ("Officine Valtrompia S.p.A.", "Gardone", "IT", "large", ""),
    ("Bianchi Serramenti S.n.c.", "Lodi", "IT", "late", ""),
    ("Termoidraulica Adda S.r.l.", "Lecco", "IT", "prompt", ""),
    ("Edilnova Costruzioni S.r.l.", "Verona", "IT", "debtor", ""),
    ("Carpenterie del Garda S.r.l.", "Salò", "IT", "steady", ""),
    ("Meccanica Ticino S.r.l.", "Magenta", "IT", "slow", ""),
    ("Comune di Pontalba", "Pontalba", "IT", "public", ""),
    ("Azienda Sanitaria Valdarsa", "Valdarsa", "IT", "public", ""),
    ("Lombarda Gomma S.p.A.", "Como", "IT", "large", ""),
    ("Vetreria Laguna S.r.l.", "Mestre", "IT", "tight", ""),
    ("Falegnameria Zanetti", "Trento", "IT", "prepaid", ""),
    ("Elettrica Sannio S.r.l.", "Benevento", "IT", "late", ""),
    ("Impresa Moretti & Figli", "Parma", "IT", "blocked", ""),
    ("Nuova Chimica Piave S.r.l.", "Belluno", "IT", "review", ""),
    ("Trasporti Alto Lario S.r.l.", "Colico", "IT", "watched", ""),
    ("Ceramiche Ombrone S.p.A.", "Grosseto", "IT", "prompt", ""),
    ("Fonderie Tanaro S.p.A.", "Asti", "IT", "large", ""),
    ("Birkental Maschinenbau GmbH", "Ulm", "DE", "prompt", "BIRK"),
    ("Birkental Vertrieb GmbH", "Augsburg", "DE", "steady", "BIRK"),
    ("Nordhafen Logistik GmbH", "Bremen", "DE", "slow", ""),
    ("Rheintor Anlagenbau AG", "Mainz", "DE", "large", ""),
    ("Tischlerei Ackermann", "Kassel", "DE", "prepaid", ""),
    ("Stahlwerk Wiesgrund KG", "Siegen", "DE", "tight", ""),
    ("Fröhlich Gebäudetechnik GmbH", "Erfurt", "DE", "steady", ""),
    ("Ateliers Beaumont SARL", "Lyon", "FR", "slow", "BEAU"),
    ("Beaumont Distribution SAS", "Grenoble", "FR", "late", "BEAU"),
    ("Menuiserie du Vercors SARL", "Valence", "FR", "prompt", ""),
    ("Plomberie Gauthier", "Nantes", "FR", "debtor", ""),
    ("Société Fluviale Ardan SA", "Rouen", "FR", "large", ""),
    ("Verrerie de l'Orb SAS", "Béziers", "FR", "watched", ""),
    ("Talleres Iregua S.L.", "Logroño", "ES", "steady", ""),
    ("Construcciones Almanzora S.A.", "Almería", "ES", "protested", ""),
    ("Electrónica Bidasoa S.L.", "Irún", "ES", "prompt", ""),
    ("Suministros Guadiana S.L.", "Mérida", "ES", "late", ""),
    ("Ferretería Los Olivos S.L.", "Jaén", "ES", "slow", ""),
    ("Maderas Finisterre S.A.", "Lugo", "ES", "review", ""),
    ("Metalurgica Mondego Lda.", "Coimbra", "PT", "steady", ""),
    ("Vidraria do Sado Lda.", "Setúbal", "PT", "tight", ""),
    ("Instalações Tua Lda.", "Bragança", "PT", "slow", ""),
    ("Zakład Metalowy Wierzba sp. z o.o.", "Opole", "PL", "steady", ""),
    ("Hurtownia Bursztyn S.A.", "Gdynia", "PL", "large", ""),
    ("Stolarnia Brzoza sp. j.", "Kielce", "PL", "blocked", ""),
    ("De Vries Koeltechniek B.V.", "Zwolle", "NL", "prompt", ""),
    ("Waalhaven Staal B.V.", "Rotterdam", "NL", "slow", ""),
    ("Ahlqvist Verkstad AB", "Örebro", "SE", "prompt", ""),
    ("Steirische Holzbau GmbH", "Graz", "AT", "steady", ""),
    ("Alpenblick Hoteltechnik GmbH", "Innsbruck", "AT", "watched", ""),
    ("Harrowgate Fixings Ltd", "Leeds", "GB", "steady", ""),
    ("Penrose & Daughters Ltd", "Truro", "GB", "late", ""),
    ("Calder Valley Engineering plc", "Halifax", "GB", "large", ""),
    ("Thornbury Joinery Ltd", "Bristol", "GB", "prepaid", ""),
    ("Kestrel Marine Systems Ltd", "Hull", "GB", "tight", ""),
    ("Glenmore Timber Ltd", "Inverness", "GB", "prompt", ""),
    ("Officina Nuova Aurora S.r.l.", "Pavia", "IT", "new", ""),
    ("Solaris Montagna S.r.l.", "Sondrio", "IT", "new", ""),
    ("Lindenhof Küchen GmbH", "Bonn", "DE", "new", ""),
    ("Moulin Bleu SAS", "Dijon", "FR", "new", ""),
)

GROUPS = {
    "ROSSI": ("Rossi Holding", Decimal(60_000)),
    "BIRK": ("Birkental Gruppe", None),
    "BEAU": ("Groupe Beaumont", None),
}

GOODS = (
    "Heat pump 12 kW",
    "Pipe fittings, assorted",
    "Control cabinet IP65",
    "Steel profile 40 × 40, cut",
    "Installation material",
    "Spare parts set B",
    "Insulation panels",
    "Circulation pump",
    "Valve block DN50",
    "Commissioning, per day",
)
