// Every text of the page, in English, German and French, in this one file. To add a language, add
// its code to LANGUAGES and a text to every row; what is missing is shown in English.

export const LANGUAGES: [string, string][] = [
  ["en", "English"],
  ["de", "Deutsch"],
  ["fr", "Français"],
];

type Row = [en: string, de: string, fr: string];

const WORDS: Record<string, Row> = {
  // Head
  title: [
    "EU digital partnerships: what if?",
    "Digitalpartnerschaften: Was wäre, wenn?",
    "Partenariats numériques : et si ?",
  ],
  strategy: ["Strategy", "Strategie", "Stratégie"],
  strategy_a: ["A", "A", "A"],
  strategy_b: ["B", "B", "B"],
  edit: ["Change", "Ändere", "Modifier"],
  edit_hint: [
    "Which strategy the levers change",
    "Welche Strategie die Hebel ändern",
    "Quelle stratégie les leviers modifient",
  ],
  preset: ["Policy", "Politik", "Politique"],
  preset_of: ["Policy of strategy {arm}", "Politik der Strategie {arm}", "Politique de la stratégie {arm}"],
  changed: ["changed", "geändert", "modifiée"],
  undo: ["Undo", "Rückgängig", "Annuler"],
  redo: ["Redo", "Wiederholen", "Rétablir"],
  replay: ["Show last change", "Letzte Änderung zeigen", "Revoir la dernière modification"],
  start_over: ["Start over", "Von vorn", "Recommencer"],
  share: ["Share", "Teilen", "Partager"],
  assumptions: ["Assumptions", "Annahmen", "Hypothèses"],
  language: ["Language", "Sprache", "Langue"],
  close: ["Close", "Schließen", "Fermer"],
  help: ["About", "Über", "À propos"],
  computing: ["computing", "rechnet", "calcul en cours"],
  futures: ["{n} futures", "{n} Zukünfte", "{n} futurs"],
  busy: ["computing …", "rechnet …", "calcul …"],
  before_change: ["before the change", "vor der Änderung", "avant la modification"],
  after_change: ["after the change", "nach der Änderung", "après la modification"],
  skip: ["Skip to the levers", "Zu den Hebeln springen", "Aller aux leviers"],

  // What is shown
  map: ["Map", "Karte", "Carte"],
  network: ["Network", "Netzwerk", "Réseau"],
  show: ["Show", "Zeigen", "Afficher"],
  both: ["A and B", "A und B", "A et B"],
  change: ["B minus A", "B minus A", "B moins A"],
  view: ["View", "Ansicht", "Vue"],
  colour_by: ["Colour by", "Farbe nach", "Couleur selon"],
  all_areas: ["Depth, all areas", "Tiefe, alle Bereiche", "Profondeur, tous domaines"],
  depth_in: ["Depth: {area}", "Tiefe: {area}", "Profondeur : {area}"],
  depth: ["depth", "Tiefe", "profondeur"],
  mean_depth: [
    "mean depth, 0 none to 4 fully binding",
    "mittlere Tiefe, 0 keine bis 4 voll bindend",
    "profondeur moyenne, de 0 (aucune) à 4 (contraignante)",
  ],
  change_of_depth: [
    "change of depth, B minus A",
    "Änderung der Tiefe, B minus A",
    "écart de profondeur, B moins A",
  ],
  instruments_in_force: ["instruments in force", "Instrumente in Kraft", "instruments en vigueur"],
  links_to: ["linked with", "verbunden mit", "lié à"],
  arcs: [
    "lines: links between partners, the thicker the more likely",
    "Linien: Verbindungen zwischen Partnern, je dicker, desto wahrscheinlicher",
    "lignes : liens entre partenaires, plus épaisses si plus probables",
  ],
  spokes: [
    "spokes: instruments in force with the EU; lines: links between partners",
    "Speichen: Instrumente in Kraft mit der EU; Linien: Verbindungen zwischen Partnern",
    "rayons : instruments en vigueur avec l’UE ; lignes : liens entre partenaires",
  ],
  arcs_change: [
    "lines: links that differ; solid likelier under B, dashed under A",
    "Linien: Verbindungen, die sich unterscheiden; durchgezogen unter B wahrscheinlicher, gestrichelt unter A",
    "lignes : liens qui diffèrent ; pleines plus probables sous B, tiretées sous A",
  ],
  spokes_change: [
    "spokes and lines: instruments and links that differ; solid more under B, dashed under A",
    "Speichen und Linien: Instrumente und Verbindungen, die sich unterscheiden; durchgezogen mehr unter B, gestrichelt unter A",
    "rayons et lignes : instruments et liens qui diffèrent ; pleins plus nombreux sous B, tiretés sous A",
  ],
  eu: ["EU", "EU", "UE"],
  growth: ["How it grows", "Wie es wächst", "Comment il croît"],
  metric: ["Graph of", "Grafik von", "Graphique de"],
  band: [
    "Lines: means. Bands: 90 % of {n} futures.",
    "Linien: Mittelwerte. Bänder: 90 % von {n} Zukünften.",
    "Lignes : moyennes. Bandes : 90 % de {n} futurs.",
  ],
  headline: ["In {quarter}", "Im {quarter}", "Au {quarter}"],
  headlines: ["Headline numbers", "Kernzahlen", "Chiffres clés"],
  b_has_more: [
    "B has {n} more than A",
    "B hat {n} mehr als A",
    "B en a {n} de plus que A",
  ],
  b_has_less: [
    "B has {n} fewer than A",
    "B hat {n} weniger als A",
    "B en a {n} de moins que A",
  ],
  b_is_higher: ["B is {n} higher", "B liegt {n} höher", "B est {n} plus haut"],
  b_is_lower: ["B is {n} lower", "B liegt {n} tiefer", "B est {n} plus bas"],
  points: ["points", "Punkte", "points"],
  b_is_same: ["B equals A", "B gleich A", "B égale A"],
  b_no_difference: [
    "no clear difference ({n})",
    "kein klarer Unterschied ({n})",
    "pas d’écart net ({n})",
  ],
  start_hint: [
    "Move a lever: B changes, A stays.",
    "Bewegen Sie einen Hebel: B ändert sich, A bleibt.",
    "Bougez un levier : B change, A reste.",
  ],
  by_quarter: ["By {quarter}: {told}.", "Bis {quarter}: {told}.", "D’ici {quarter} : {told}."],
  paired: [
    "Difference future by future under the same luck; the 95 % intervals of all headline numbers hold together. B is higher in {share} of 100 futures.",
    "Unterschied Zukunft für Zukunft bei gleichem Glück; die 95-%-Intervalle aller Kernzahlen gelten zusammen. B ist in {share} von 100 Zukünften höher.",
    "Écart futur par futur avec la même chance ; les intervalles à 95 % de tous les chiffres clés valent ensemble. B est plus haut dans {share} futurs sur 100.",
  ],

  // Time
  timeline: ["Timeline", "Zeitachse", "Chronologie"],
  quarter: ["Quarter", "Quartal", "Trimestre"],
  play: ["Play", "Abspielen", "Lecture"],
  pause: ["Pause", "Anhalten", "Pause"],
  step_back: ["One quarter back", "Ein Quartal zurück", "Un trimestre en arrière"],
  step_on: ["One quarter on", "Ein Quartal weiter", "Un trimestre en avant"],
  to_start: ["To the start", "An den Anfang", "Au début"],
  to_end: ["To the end", "Ans Ende", "À la fin"],

  // Events
  events: ["What happens", "Was geschieht", "Ce qui se passe"],
  event_in: [
    "in {n} of 100 futures",
    "in {n} von 100 Zukünften",
    "dans {n} futurs sur 100",
  ],
  event_against: ["A: {a}, B: {b} of 100 futures", "A: {a}, B: {b} von 100 Zukünften", "A : {a}, B : {b} futurs sur 100"],
  few: ["few", "wenige", "peu"],
  only_different: ["Only where A and B differ", "Nur wo A und B sich unterscheiden", "Seulement où A et B diffèrent"],
  no_events: ["Nothing likely in these quarters.", "Nichts Wahrscheinliches in diesen Quartalen.", "Rien de probable dans ces trimestres."],
  feed_waits: ["The feed follows with all futures.", "Die Ereignisse folgen mit allen Zukünften.", "Le fil suit avec tous les futurs."],
  struck: ["strikes in {n} of 100 futures", "trifft in {n} von 100 Zukünften", "frappe dans {n} futurs sur 100"],
  course: ["The EU changes course: {name}", "Die EU ändert den Kurs: {name}", "L’UE change de cap : {name}"],
  dropped_shock: ["dropped by you", "von Ihnen gesetzt", "placé par vous"],

  // Levers
  levers: ["Levers", "Hebel", "Leviers"],
  tab_main: ["Main levers", "Haupthebel", "Principaux"],
  tab_modules: ["Offer: modules", "Angebot: Module", "Offre : modules"],
  tab_targeting: ["Offer: to whom", "Angebot: an wen", "Offre : à qui"],
  tab_areas: ["Areas", "Bereiche", "Domaines"],
  tab_regions: ["Regions", "Regionen", "Régions"],
  tab_hubs: ["Digital Hubs", "Digital Hubs", "Digital Hubs"],
  tab_world: ["World", "Welt", "Monde"],
  tab_shocks: ["Shocks", "Schocks", "Chocs"],
  reset: ["Reset", "Zurücksetzen", "Réinitialiser"],
  reset_this: ["Reset {name} to {value}", "{name} auf {value} zurücksetzen", "Remettre {name} à {value}"],
  explain: ["What is {name}?", "Was ist {name}?", "Qu’est-ce que {name} ?"],
  exact: ["{name}, exact value", "{name}, genauer Wert", "{name}, valeur exacte"],
  from_to: ["{low} to {high}", "{low} bis {high}", "{low} à {high}"],
  default_is: ["default {value}", "Standard {value}", "par défaut {value}"],
  share_now: ["{n} %", "{n} %", "{n} %"],
  climate: ["Climate", "Klima", "Climat"],
  climate_hint: [
    "The geopolitical climate: which shocks strike how often.",
    "Das geopolitische Klima: welche Schocks wie oft treffen.",
    "Le climat géopolitique : quels chocs frappent, et à quelle fréquence.",
  ],
  behaviour: ["Behaviour", "Verhalten", "Comportement"],
  behaviour_hint: [
    "The set of coefficients: how partners and the EU decide.",
    "Der Satz von Koeffizienten: wie Partner und EU entscheiden.",
    "Le jeu de coefficients : comment partenaires et UE décident.",
  ],
  partners: ["Partners shown", "Gezeigte Partner", "Partenaires montrés"],
  partners_named: ["named in the strategy", "in der Strategie genannt", "nommés dans la stratégie"],
  partners_all: ["all 169", "alle 169", "tous les 169"],
  hubs_hint: [
    "Countries where the EU opens a Digital Hub at once: money is better absorbed there.",
    "Länder, in denen die EU sofort einen Digital Hub eröffnet: Geld wird dort besser aufgenommen.",
    "Pays où l’UE ouvre aussitôt un Digital Hub : l’argent y est mieux absorbé.",
  ],

  // Shocks
  shock_type: ["What", "Was", "Quoi"],
  shock_where: ["Where", "Wo", "Où"],
  shock_strength: ["Strength", "Stärke", "Intensité"],
  shock_on: ["Strikes", "Trifft", "Frappe"],
  on_both: ["A and B", "A und B", "A et B"],
  on_b: ["B only", "nur B", "B seulement"],
  drop: ["Drop on the timeline", "Auf die Zeitachse setzen", "Placer sur la chronologie"],
  drag: [
    "or drag this onto the timeline",
    "oder dies auf die Zeitachse ziehen",
    "ou glisser ceci sur la chronologie",
  ],
  no_shocks: ["No shock dropped yet.", "Noch kein Schock gesetzt.", "Aucun choc placé."],
  remove: ["Remove {name}", "{name} entfernen", "Retirer {name}"],
  whole_world: ["The whole world", "Die ganze Welt", "Le monde entier"],
  regions: ["Regions", "Regionen", "Régions"],
  countries: ["Countries", "Länder", "Pays"],
  shock_marker: [
    "{name}, {where}, {quarter}. Arrow keys move it, Delete removes it.",
    "{name}, {where}, {quarter}. Pfeiltasten verschieben, Entf löscht.",
    "{name}, {where}, {quarter}. Flèches : déplacer ; Suppr : retirer.",
  ],
  too_many_shocks: [
    "No more than {n} shocks.",
    "Höchstens {n} Schocks.",
    "Au plus {n} chocs.",
  ],

  // Country
  country: ["Country", "Land", "Pays"],
  country_under: ["under strategy {arm}, {quarter}", "unter Strategie {arm}, {quarter}", "sous la stratégie {arm}, {quarter}"],
  holds: ["What it has with the EU", "Was es mit der EU hat", "Ce qu’il a avec l’UE"],
  weighs: ["What it weighs now, and why", "Was es jetzt abwägt, und warum", "Ce qu’il pèse maintenant, et pourquoi"],
  weighs_hint: [
    "Chance to ask for it at its next turn. Bars: the terms of its utility; right of the line speaks for it, left against it. Means over {n} futures.",
    "Chance, beim nächsten Zug darum zu bitten. Balken: Teile des Nutzens; rechts der Linie spricht dafür, links dagegen. Mittel über {n} Zukünfte.",
    "Chance de le demander au prochain tour. Barres : termes de l’utilité ; à droite pour, à gauche contre. Moyennes sur {n} futurs.",
  ],
  holding_still: ["Chance to do nothing: {n} %", "Chance, nichts zu tun: {n} %", "Chance de ne rien faire : {n} %"],
  asks_chance: ["Chance to ask the EU for something: {n} %", "Chance, die EU um etwas zu bitten: {n} %", "Chance de demander quelque chose à l’UE : {n} %"],
  minds: ["What would change its mind", "Was es umstimmen würde", "Ce qui le ferait changer d’avis"],
  minds_hint: [
    "Chance to ask for anything at its next turn, if one thing were different. First choice then: in brackets.",
    "Chance, beim nächsten Zug um etwas zu bitten, wenn eines anders wäre. Dann erste Wahl: in Klammern.",
    "Chance de demander quelque chose au prochain tour si une chose changeait. Premier choix alors : entre parenthèses.",
  ],
  steps: ["Likely next steps", "Wahrscheinliche nächste Schritte", "Prochaines étapes probables"],
  steps_hint: [
    "Enters into force within two years",
    "Tritt binnen zwei Jahren in Kraft",
    "Entre en vigueur dans les deux ans",
  ],
  none_likely: ["None likely.", "Keiner wahrscheinlich.", "Aucune probable."],
  turn_hint: [
    "Gets a turn in {n} of 100 quarters; runs {load} of at most {capacity} negotiations.",
    "Kommt in {n} von 100 Quartalen zum Zug; führt {load} von höchstens {capacity} Verhandlungen.",
    "Agit dans {n} trimestres sur 100 ; mène {load} négociations sur {capacity} au plus.",
  ],
  choose_country: ["Choose a country", "Land wählen", "Choisir un pays"],

  // Assumptions
  assumptions_hint: [
    "How partners and the EU decide. All numbers marked “assumed” were set by hand; move one and see whether your conclusion holds.",
    "Wie Partner und EU entscheiden. Alle mit „angenommen“ markierten Zahlen wurden von Hand gesetzt; bewegen Sie eine und sehen Sie, ob Ihr Schluss hält.",
    "Comment partenaires et UE décident. Les nombres marqués « supposé » ont été fixés à la main ; bougez-en un et voyez si votre conclusion tient.",
  ],
  both_arms: ["Assumptions hold for A and B alike.", "Annahmen gelten für A und B.", "Les hypothèses valent pour A et B."],
  origin_assumed: ["assumed", "angenommen", "supposé"],
  origin_literature: ["literature", "Literatur", "littérature"],
  origin_estimated: ["estimated", "geschätzt", "estimé"],
  find: ["Find", "Suchen", "Chercher"],

  // Sharing
  share_link: ["Copy link", "Link kopieren", "Copier le lien"],
  share_link_hint: ["The whole state, in the address", "Der ganze Zustand, in der Adresse", "Tout l’état, dans l’adresse"],
  copied: ["Copied.", "Kopiert.", "Copié."],
  copy_by_hand: ["Copy this (Ctrl+C):", "Dies kopieren (Strg+C):", "Copier ceci (Ctrl+C) :"],
  share_png: ["Picture (PNG)", "Bild (PNG)", "Image (PNG)"],
  share_svg: ["Drawing (SVG)", "Zeichnung (SVG)", "Dessin (SVG)"],
  share_csv: ["Table (CSV)", "Tabelle (CSV)", "Tableau (CSV)"],
  share_replay: ["Replay (one HTML file)", "Wiedergabe (eine HTML-Datei)", "Relecture (un fichier HTML)"],
  share_replay_hint: [
    "Opens without the program: play, scrub and compare, but no levers",
    "Öffnet ohne das Programm: abspielen und vergleichen, aber keine Hebel",
    "S’ouvre sans le programme : lecture et comparaison, sans leviers",
  ],
  replay_note: [
    "A saved replay: the levers show what was set and cannot be moved.",
    "Eine gespeicherte Wiedergabe: Die Hebel zeigen, was gesetzt war, und lassen sich nicht bewegen.",
    "Une relecture enregistrée : les leviers montrent les réglages et ne bougent pas.",
  ],
  which_picture: ["Of which view", "Von welcher Ansicht", "De quelle vue"],

  // Second screen
  screen_growth: ["Second screen: the graph", "Zweiter Bildschirm: die Grafik", "Deuxième écran : le graphique"],
  screen_stage: ["Second screen: map or network", "Zweiter Bildschirm: Karte oder Netzwerk", "Deuxième écran : carte ou réseau"],
  screen_waits: [
    "Second screen: waiting for the page with the controls in this browser.",
    "Zweiter Bildschirm: wartet auf die Seite mit den Reglern in diesem Browser.",
    "Deuxième écran : en attente de la page des commandes dans ce navigateur.",
  ],

  // Footing
  disclaimer: [
    "Boundaries and names imply no opinion on the status of any territory. Results are statements about a model whose coefficients are estimated or assumed, not promises.",
    "Grenzen und Namen drücken keine Meinung über den Status von Gebieten aus. Ergebnisse sind Aussagen über ein Modell mit geschätzten oder angenommenen Koeffizienten, keine Versprechen.",
    "Frontières et noms n’expriment aucune opinion sur le statut des territoires. Les résultats portent sur un modèle à coefficients estimés ou supposés ; ce ne sont pas des promesses.",
  ],
  about_text: [
    "A model of how the EU’s network of digital partnerships grows from June 2025 on (JOIN(2025) 140 final). Countries decide, quarter by quarter, what to take up; the EU answers and makes its Tech Business Offer; shocks strike. Strategy A and strategy B meet the same luck in every future, so that what differs is what the strategy does.",
    "Ein Modell, wie das Netz digitaler Partnerschaften der EU ab Juni 2025 wächst (JOIN(2025) 140 final). Länder entscheiden Quartal für Quartal, was sie aufgreifen; die EU antwortet und macht ihr Tech Business Offer; Schocks treffen. Strategie A und B haben in jeder Zukunft dasselbe Glück, sodass der Unterschied das Werk der Strategie ist.",
    "Un modèle de la croissance du réseau de partenariats numériques de l’UE depuis juin 2025 (JOIN(2025) 140 final). Les pays décident, trimestre par trimestre, de ce qu’ils entreprennent ; l’UE répond et fait son Tech Business Offer ; des chocs frappent. Les stratégies A et B ont la même chance dans chaque futur : l’écart est l’effet de la stratégie.",
  ],
  ladder: [
    "Depth: 0 meetings without a text, 1 regular dialogue, 2 signed political text, 3 programme, financing or hosting contract, 4 treaty or legal act. Agreement level is 3 or 4.",
    "Tiefe: 0 Treffen ohne Text, 1 regelmäßiger Dialog, 2 unterzeichneter politischer Text, 3 Programm, Finanzierungs- oder Standortvertrag, 4 Staatsvertrag oder Rechtsakt. Vertragsniveau ist 3 oder 4.",
    "Profondeur : 0 réunions sans texte, 1 dialogue régulier, 2 texte politique signé, 3 programme, contrat de financement ou d’hébergement, 4 traité ou acte juridique. Le niveau d’accord est 3 ou 4.",
  ],
  keys: [
    "Keys: space plays, ← → step a quarter, Ctrl+Z undoes, Ctrl+Y redoes, Escape closes.",
    "Tasten: Leertaste spielt ab, ← → ein Quartal, Strg+Z macht rückgängig, Strg+Y wiederholt, Escape schließt.",
    "Touches : espace lit, ← → un trimestre, Ctrl+Z annule, Ctrl+Y rétablit, Échap ferme.",
  ],
  // What cannot be used
  link_misfits: [
    "Part of this link cannot be used and was left out; the rest is set.",
    "Ein Teil dieses Links ist nicht brauchbar und wurde ausgelassen; der Rest ist eingestellt.",
    "Une partie de ce lien est inutilisable et a été ignorée ; le reste est réglé.",
  ],
  refused: [
    "The program cannot compute this. What you see is what was there before.",
    "Das Programm kann dies nicht berechnen. Zu sehen ist, was vorher galt.",
    "Le programme ne peut calculer cela. L’écran montre l’état précédent.",
  ],
  not_computed: ["not computed", "nicht berechnet", "non calculé"],
  misfit_setting: [
    "{part}: there is no such setting.",
    "{part}: Diese Einstellung gibt es nicht.",
    "{part} : ce réglage n’existe pas.",
  ],
  misfit_name: ["{part} = {given}: not possible.", "{part} = {given}: nicht möglich.", "{part} = {given} : impossible."],
  misfit_number: [
    "{part} = {given}: must be a number from {low} to {high}.",
    "{part} = {given}: muss eine Zahl von {low} bis {high} sein.",
    "{part} = {given} : doit être un nombre de {low} à {high}.",
  ],
  misfit_whole: [
    "{part} = {given}: must be a whole number from {low} to {high}.",
    "{part} = {given}: muss eine ganze Zahl von {low} bis {high} sein.",
    "{part} = {given} : doit être un nombre entier de {low} à {high}.",
  ],
  misfit_shock: [
    "{part} = {given}: a shock has five parts, as in cable_cut~world~2028Q1~0.7~b.",
    "{part} = {given}: Ein Schock hat fünf Teile, etwa cable_cut~world~2028Q1~0.7~b.",
    "{part} = {given} : un choc a cinq parties, par exemple cable_cut~world~2028Q1~0.7~b.",
  ],
  misfit_meant: ["Did you mean {name}?", "Meinten Sie {name}?", "Vouliez-vous dire {name} ?"],
  misfit_allowed: ["Allowed: {names}.", "Erlaubt: {names}.", "Permis : {names}."],
  misfit_more: ["and {n} more", "und {n} weitere", "et {n} de plus"],
  typed_used: [
    "{given} is outside {low} to {high}: {used} is used.",
    "{given} liegt nicht in {low} bis {high}: Es gilt {used}.",
    "{given} est hors de {low} à {high} : {used} est utilisé.",
  ],
  typed_whole: [
    "Whole numbers only: {used} is used.",
    "Nur ganze Zahlen: Es gilt {used}.",
    "Nombres entiers seulement : {used} est utilisé.",
  ],
  typed_none: [
    "That is no number: the default, {used}, is used.",
    "Das ist keine Zahl: Es gilt der Standard, {used}.",
    "Ce n’est pas un nombre : la valeur par défaut, {used}, est utilisée.",
  ],
  data_in_english: [
    "Names of instruments and descriptions from the data are in English.",
    "Namen von Instrumenten und Beschreibungen aus den Daten sind englisch.",
    "Les noms d’instruments et les descriptions tirés des données sont en anglais.",
  ],
  lost: ["The program does not answer. Is it still running?", "Das Programm antwortet nicht. Läuft es noch?", "Le programme ne répond pas. Tourne-t-il encore ?"],

  // Areas
  infrastructure: ["Secure infrastructure", "Sichere Infrastruktur", "Infrastructure sûre"],
  technology: ["Emerging technologies", "Neue Technologien", "Technologies émergentes"],
  cybersecurity: ["Cybersecurity", "Cybersicherheit", "Cybersécurité"],
  information: ["Information integrity", "Informationsintegrität", "Intégrité de l’information"],
  identity: ["Digital identity", "Digitale Identität", "Identité numérique"],
  platforms: ["Online platforms", "Online-Plattformen", "Plateformes en ligne"],
  trade: ["Digital trade", "Digitaler Handel", "Commerce numérique"],
  governance: ["Internet governance", "Internet-Governance", "Gouvernance de l’internet"],
  area_priority: [
    "How much the EU cares about this area: 1 is neutral, 0 not at all, 3 three times as much.",
    "Wie wichtig der EU dieser Bereich ist: 1 neutral, 0 gar nicht, 3 dreimal so sehr.",
    "Importance de ce domaine pour l’UE : 1 neutre, 0 aucune, 3 triple.",
  ],
  region_priority: [
    "How much the EU cares about this region: 1 is neutral, 0 not at all, 3 three times as much.",
    "Wie wichtig der EU diese Region ist: 1 neutral, 0 gar nicht, 3 dreimal so sehr.",
    "Importance de cette région pour l’UE : 1 neutre, 0 aucune, 3 triple.",
  ],

  // Single levers: name, and explanation under "?name"
  "policy.offer.envelope": ["Tech Business Offer", "Tech Business Offer", "Tech Business Offer"],
  "?policy.offer.envelope": [
    "Public money of Team Europe for the Offer, each year. It raises readiness in partner countries and draws private money after it.",
    "Öffentliches Geld von Team Europe für das Angebot, pro Jahr. Es hebt die Bereitschaft der Partner und zieht privates Geld nach.",
    "Argent public de l’Équipe Europe pour l’Offre, par an. Il élève la préparation des partenaires et attire l’argent privé.",
  ],
  "policy.negotiators": ["Negotiators", "Verhandler", "Négociateurs"],
  "?policy.negotiators": [
    "EU officials who negotiate. They limit how much can run at once; about 430 are bound by what was under way in June 2025.",
    "EU-Bedienstete, die verhandeln. Sie begrenzen, was zugleich laufen kann; etwa 430 waren im Juni 2025 gebunden.",
    "Fonctionnaires de l’UE qui négocient. Ils limitent ce qui peut avancer de front ; environ 430 étaient occupés en juin 2025.",
  ],
  "policy.openness": ["Openness", "Offenheit", "Ouverture"],
  "?policy.openness": [
    "How far from its own values the EU accepts partners: 0 takes the like-minded only, 1 anybody.",
    "Wie weit von eigenen Werten entfernt die EU Partner annimmt: 0 nur Gleichgesinnte, 1 jeden.",
    "Jusqu’où l’UE accepte des partenaires éloignés de ses valeurs : 0 les seuls partenaires proches, 1 tous.",
  ],
  "policy.priorities.deepen": ["Deepen", "Vertiefen", "Approfondir"],
  "?policy.priorities.deepen": [
    "Weight of more binding ties with partners that already have some. Only proportions count.",
    "Gewicht bindenderer Verträge mit bestehenden Partnern. Nur Verhältnisse zählen.",
    "Poids de liens plus contraignants avec les partenaires existants. Seules les proportions comptent.",
  ],
  "policy.priorities.broaden": ["Broaden", "Verbreitern", "Élargir"],
  "?policy.priorities.broaden": [
    "Weight of new partners and new areas. Only proportions count.",
    "Gewicht neuer Partner und neuer Bereiche. Nur Verhältnisse zählen.",
    "Poids de nouveaux partenaires et domaines. Seules les proportions comptent.",
  ],
  "policy.priorities.connect": ["Connect", "Vernetzen", "Relier"],
  "?policy.priorities.connect": [
    "Weight of what ties partners to each other: such instruments, and how often partners link. Only proportions count.",
    "Gewicht dessen, was Partner miteinander verbindet: solche Instrumente, und wie oft sich Partner verbinden. Nur Verhältnisse zählen.",
    "Poids de ce qui relie les partenaires entre eux : ces instruments, et la fréquence des liens. Seules les proportions comptent.",
  ],
  "policy.priorities.strengthen": ["Strengthen", "Stärken", "Renforcer"],
  "?policy.priorities.strengthen": [
    "Weight of security and defence partnerships. Only proportions count.",
    "Gewicht von Sicherheits- und Verteidigungspartnerschaften. Nur Verhältnisse zählen.",
    "Poids des partenariats de sécurité et de défense. Seules les proportions comptent.",
  ],
  "policy.offer.mix.connectivity": ["Connectivity", "Konnektivität", "Connectivité"],
  "?policy.offer.mix.connectivity": [
    "Share of the Offer for secure networks: cables, satellites, 5G.",
    "Anteil des Angebots für sichere Netze: Kabel, Satelliten, 5G.",
    "Part de l’Offre pour des réseaux sûrs : câbles, satellites, 5G.",
  ],
  "policy.offer.mix.public_infrastructure": ["Public infrastructure", "Öffentliche Infrastruktur", "Infrastructure publique"],
  "?policy.offer.mix.public_infrastructure": [
    "Share of the Offer for identity, payments, e-government.",
    "Anteil für Identität, Zahlungen, E-Government.",
    "Part pour l’identité, les paiements, l’administration en ligne.",
  ],
  "policy.offer.mix.ai_software": ["AI and software", "KI und Software", "IA et logiciels"],
  "?policy.offer.mix.ai_software": [
    "Share of the Offer for artificial intelligence and software.",
    "Anteil für künstliche Intelligenz und Software.",
    "Part pour l’intelligence artificielle et les logiciels.",
  ],
  "policy.offer.mix.skills": ["Skills", "Kompetenzen", "Compétences"],
  "?policy.offer.mix.skills": [
    "Share of the Offer for skills and capacity building.",
    "Anteil für Kompetenzen und Kapazitätsaufbau.",
    "Part pour les compétences et le renforcement des capacités.",
  ],
  "policy.offer.mix.cybersecurity": ["Cybersecurity", "Cybersicherheit", "Cybersécurité"],
  "?policy.offer.mix.cybersecurity": [
    "Share of the Offer for cybersecurity.",
    "Anteil für Cybersicherheit.",
    "Part pour la cybersécurité.",
  ],
  "policy.offer.mix.green": ["Green digital", "Grüne Digitalisierung", "Numérique vert"],
  "?policy.offer.mix.green": [
    "Share of the Offer for energy- and resource-efficient solutions.",
    "Anteil für energie- und ressourcensparende Lösungen.",
    "Part pour des solutions économes en énergie et ressources.",
  ],
  "policy.offer.private": ["Private money", "Privates Geld", "Argent privé"],
  "?policy.offer.private": [
    "Private euros that follow a public one, at best.",
    "Private Euro, die einem öffentlichen bestenfalls folgen.",
    "Euros privés qui suivent un euro public, au mieux.",
  ],
  "policy.offer.development_finance": ["Development banks", "Entwicklungsbanken", "Banques de développement"],
  "?policy.offer.development_finance": [
    "Euros of development banks that follow a public one, at best.",
    "Euro von Entwicklungsbanken, die einem öffentlichen bestenfalls folgen.",
    "Euros des banques de développement qui suivent un euro public, au mieux.",
  ],
  "policy.offer.export_credit": ["Export credit", "Exportkredit", "Crédit à l’exportation"],
  "?policy.offer.export_credit": [
    "Euros of export credit agencies that follow a public one, at best.",
    "Euro von Exportkreditagenturen, die einem öffentlichen bestenfalls folgen.",
    "Euros des agences de crédit à l’exportation qui suivent un euro public, au mieux.",
  ],
  "policy.offer.carry_over": ["Carry-over", "Übertrag", "Report"],
  "?policy.offer.carry_over": [
    "Share of a year’s money that may be kept for the next; the rest lapses.",
    "Anteil eines Jahresbudgets, der ins nächste Jahr darf; der Rest verfällt.",
    "Part du budget annuel reportable ; le reste est perdu.",
  ],
  "policy.offer.reservation_partner": ["Partner’s threshold", "Schwelle der Partner", "Seuil des partenaires"],
  "?policy.offer.reservation_partner": [
    "Gain below which a partner declines the Offer; 0 takes anything.",
    "Gewinn, unter dem ein Partner ablehnt; 0 nimmt alles.",
    "Gain en dessous duquel un partenaire refuse ; 0 prend tout.",
  ],
  "policy.offer.reservation_eu": ["EU’s threshold", "Schwelle der EU", "Seuil de l’UE"],
  "?policy.offer.reservation_eu": [
    "Gain below which the EU declines to pay; 0 gives anything.",
    "Gewinn, unter dem die EU nicht zahlt; 0 gibt alles.",
    "Gain en dessous duquel l’UE ne paie pas ; 0 donne tout.",
  ],
  "geopolitics.intensity": ["Shock intensity", "Schockintensität", "Intensité des chocs"],
  "?geopolitics.intensity": [
    "Multiplies how often all shocks strike; 1 is the catalogue as it stands.",
    "Vervielfacht, wie oft alle Schocks treffen; 1 ist der Katalog.",
    "Multiplie la fréquence de tous les chocs ; 1 est le catalogue.",
  ],
  "geopolitics.intensification": ["Intensification", "Verschärfung", "Intensification"],
  "?geopolitics.intensification": [
    "How the frequency of all shocks grows, share a year.",
    "Wie die Häufigkeit aller Schocks wächst, Anteil pro Jahr.",
    "Croissance de la fréquence des chocs, part par an.",
  ],
  "geopolitics.rival_drift": ["Rivals’ advance", "Vormarsch der Rivalen", "Avancée des rivaux"],
  "?geopolitics.rival_drift": [
    "Change of the pull of rival suppliers, a year.",
    "Änderung der Anziehung rivalisierender Anbieter, pro Jahr.",
    "Évolution de l’attrait des fournisseurs rivaux, par an.",
  ],

  // Units
  "million EUR a year": ["M€ a year", "Mio. € im Jahr", "M€ par an"],
  "officials": ["officials", "Bedienstete", "agents"],
  "EUR per public EUR": ["€ per public €", "€ je öffentlichem €", "€ par € public"],
  "share a year": ["a year", "im Jahr", "par an"],
  "a year": ["a year", "im Jahr", "par an"],
  weight: ["weight", "Gewicht", "poids"],
  "million EUR": ["M€", "Mio. €", "M€"],

  // Policies and climates
  balanced: ["Balanced", "Ausgewogen", "Équilibrée"],
  broaden_first: ["Broaden first", "Zuerst verbreitern", "Élargir d’abord"],
  connect_first: ["Connect first", "Zuerst vernetzen", "Relier d’abord"],
  deepen_first: ["Deepen first", "Zuerst vertiefen", "Approfondir d’abord"],
  strengthen_first: ["Strengthen first", "Zuerst stärken", "Renforcer d’abord"],
  like_minded: ["Like-minded", "Gleichgesinnte", "Partenaires proches"],
  no_offer: ["No Offer", "Kein Angebot", "Sans Offre"],
  adaptive: ["Adaptive", "Anpassungsfähig", "Adaptative"],
  estimated: ["Estimated", "Geschätzt", "Estimé"],
  open_doors: ["Open doors", "Offene Türen", "Portes ouvertes"],
  calm: ["Calm", "Ruhig", "Calme"],
  rivalry: ["Rivalry", "Rivalität", "Rivalité"],
  fragmentation: ["Fragmentation", "Zersplitterung", "Fragmentation"],
  coercion: ["Coercion", "Zwang", "Coercition"],
  assumed: ["Assumed", "Angenommen", "Supposé"],

  // Shocks
  supplier_coercion: ["Supplier coercion", "Erpressung durch Lieferanten", "Coercition d’un fournisseur"],
  technology_leakage: ["Technology leakage", "Technologieabfluss", "Fuite de technologie"],
  semiconductor_disruption: ["Chip shortage", "Chipmangel", "Pénurie de puces"],
  ransomware_wave: ["Ransomware wave", "Welle von Erpressungssoftware", "Vague de rançongiciels"],
  state_cyber_attack: ["State cyber-attack", "Staatlicher Cyberangriff", "Cyberattaque d’État"],
  cable_cut: ["Cable cut", "Kabelbruch", "Rupture de câble"],
  hybrid_campaign: ["Hybrid campaign", "Hybride Kampagne", "Campagne hybride"],
  information_campaign: ["Disinformation campaign", "Desinformationskampagne", "Campagne de désinformation"],
  trade_war: ["Trade war", "Handelskrieg", "Guerre commerciale"],
  internet_fragmentation: ["Internet fragmentation", "Zersplitterung des Internets", "Fragmentation de l’internet"],
  internet_shutdown: ["Internet shutdown", "Internetsperre", "Coupure d’internet"],
  government_change: ["Change of government", "Regierungswechsel", "Changement de gouvernement"],
  constitutional_rupture: ["Coup or repression", "Putsch oder Repression", "Coup d’État ou répression"],
  ally_position_change: ["An ally changes course", "Kurswechsel eines Verbündeten", "Revirement d’un allié"],
  eu_budget_cut: ["EU budget cut", "Kürzung des EU-Haushalts", "Coupe du budget de l’UE"],
  rival_counter_offer: ["Rival’s counter-offer", "Gegenangebot eines Rivalen", "Contre-offre d’un rival"],
  regional_conflict: ["Regional conflict", "Regionaler Konflikt", "Conflit régional"],
  energy_shortage: ["Energy shortage", "Energiemangel", "Pénurie d’énergie"],
  technology_breakthrough: ["Technology breakthrough", "Technischer Durchbruch", "Percée technologique"],
  diplomatic_opening: ["Diplomatic opening", "Diplomatische Öffnung", "Ouverture diplomatique"],

  // Stages
  announced: ["announced", "angekündigt", "annoncé"],
  negotiating: ["negotiating", "in Verhandlung", "en négociation"],
  concluded: ["concluded", "abgeschlossen", "conclu"],
  signed: ["signed", "unterzeichnet", "signé"],
  in_force: ["in force", "in Kraft", "en vigueur"],
  suspended: ["suspended", "ausgesetzt", "suspendu"],
  stalled: ["talks stalled", "Gespräche stocken", "pourparlers au point mort"],

  // What would change a mind
  "mind.offer": ["a large package of the Offer", "ein großes Paket des Angebots", "un grand paquet de l’Offre"],
  "mind.linked_holders": ["one more linked partner has it", "ein verbundener Partner mehr hat es", "un partenaire lié de plus l’a"],
};

/** Names of regions; the data know them in English. */
const REGIONS: Record<string, Row> = {
  "Central Asia": ["Central Asia", "Zentralasien", "Asie centrale"],
  "EFTA/UK": ["EFTA/UK", "EFTA/UK", "AELE/Royaume-Uni"],
  "Eastern Partnership": ["Eastern Partnership", "Östliche Partnerschaft", "Partenariat oriental"],
  "European microstates": ["European microstates", "Europäische Kleinstaaten", "Micro-États européens"],
  Gulf: ["Gulf", "Golf", "Golfe"],
  "Indo-Pacific": ["Indo-Pacific", "Indopazifik", "Indo-Pacifique"],
  LAC: ["Latin America, Caribbean", "Lateinamerika, Karibik", "Amérique latine, Caraïbes"],
  "Middle East (other)": ["Middle East (other)", "Naher Osten (übriger)", "Moyen-Orient (autres)"],
  "North America": ["North America", "Nordamerika", "Amérique du Nord"],
  Russia: ["Russia", "Russland", "Russie"],
  "Southern Neighbourhood": ["Southern Neighbourhood", "Südliche Nachbarschaft", "Voisinage méridional"],
  "Sub-Saharan Africa": ["Sub-Saharan Africa", "Subsahara-Afrika", "Afrique subsaharienne"],
  "Türkiye (enlargement)": ["Türkiye (enlargement)", "Türkei (Erweiterung)", "Türkiye (élargissement)"],
  "Western Balkans": ["Western Balkans", "Westbalkan", "Balkans occidentaux"],
};

let language = 0;

/** Choose the language of everything that is said from now on. */
export function speak(code: string): void {
  language = Math.max(0, LANGUAGES.findIndex(([known]) => known === code));
  document.documentElement.lang = LANGUAGES[language]![0];
}

/** Code of the language chosen. */
export function spoken(): string {
  return LANGUAGES[language]![0];
}

/** Take in texts that the program has. */
export function learn(texts: Record<string, Row>): void {
  Object.assign(WORDS, texts);
}

/** Whether there is a text of this name. */
export function known(key: string): boolean {
  return key in WORDS;
}

/** A text in the language chosen, its {places} filled in. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const row = WORDS[key];
  const text = row ? row[language] || row[0] : key.replace(/_/g, " ");
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A region in the language chosen. */
export function regionName(region: string): string {
  return REGIONS[region]?.[language] ?? region;
}

/** A number as written in the language chosen. */
export function number(value: number, decimals: number, sign = false): string {
  if (!Number.isFinite(value)) return "–";
  return value.toLocaleString(LANGUAGES[language]![0], {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: sign ? "exceptZero" : "auto",
  }).replace("-", "−");
}

/** A number with as many digits as it has. */
export function plain(value: number): string {
  const digits = String(Math.round(value * 1e4) / 1e4).split(".")[1]?.length ?? 0;
  return number(value, digits);
}

/** A quarter such as 2027Q2 as people say it. */
export function quarter(label: string): string {
  return `${label.slice(0, 4)} Q${label.slice(5)}`;
}
