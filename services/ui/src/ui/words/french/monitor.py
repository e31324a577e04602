"""The page Monitor, in French."""

from ui.words.monitor_wording import MonitorWording

MONITOR = MonitorWording(
    page="Suivi",
    volume="Ce qui arrive",
    period="Période",
    periods={"day": "24 heures", "week": "7 jours", "month": "30 jours", "quarter": "90 jours"},
    before={
        "day": "les 24 heures précédentes",
        "week": "les 7 jours précédents",
        "month": "les 30 jours précédents",
        "quarter": "les 90 jours précédents",
    },
    hours="Heure par heure, dans le fuseau horaire {zone}, à {clock}.",
    days="Jour par jour, dans le fuseau horaire {zone}, à {clock}.",
    not_refreshed="Actualisation impossible : ceci date de {clock}. Nouvel essai toutes les {seconds} secondes.",
    not_known="Pas encore connu : l’API ne répond pas. Nouvel essai toutes les {seconds} secondes.",
    refused=(
        "L’API ne donne pas son activité. Sa version est peut-être plus ancienne que celle de cette page : "
        "mettez-la à jour."
    ),
    refused_drift=(
        "L’API ne donne pas ses rapports de dérive. Sa version est peut-être plus ancienne que celle de cette page : "
        "mettez-la à jour."
    ),
    no_tweets="Aucun tweet n’est arrivé pendant cette période",
    no_tweets_what=(
        "Analysez-en un sur la page Analyser, ou faites interroger l’API par vos propres programmes : "
        "ce qui arrive apparaît ici de lui-même."
    ),
    tweets="Tweets",
    negative_share="Part de négatifs",
    points="{points} points",
    abstained="Laissés à une personne",
    compared=(
        "Négatifs : {points} points (intervalle à 95 % : {low} à {high}) ; "
        "{before} en comptaient {share} sur {count} tweets."
    ),
    compared_unsure=(
        "Négatifs : {points} points, ce qui peut être dû au hasard (intervalle à 95 % : {low} à {high}) ; "
        "{before} en comptaient {share} sur {count} tweets."
    ),
    not_compared="Aucun tweet n’est arrivé pendant {before} : il n’y a rien à quoi comparer.",
    volume_chart="Les tweets, selon ce que le modèle a lu",
    volume_alt=(
        "Barres du nombre de tweets au fil du temps, par étiquette. {count} tweets en tout, au plus {most} à la fois."
    ),
    share_chart="Part de négatifs, avec son intervalle à 95 %",
    share_alt=(
        "Courbe de la part de tweets négatifs au fil du temps, avec une bande pour son intervalle à 95 %. "
        "{share} sur la période."
    ),
    day_axis="%d/%m",
    hour_axis="%H:%M",
    when="Quand",
    label="Sorte",
    count="Nombre",
    interval="Intervalle à 95 %",
    interval_words="{low} à {high}",
    as_table="Montrer les chiffres dans un tableau",
    nothing="–",
    rejections="À quelle fréquence une réponse est rejetée",
    rejections_what="Parmi les réponses jugées pendant cette période ; le dernier avis sur chacune compte.",
    all_verdicts="Tous les avis",
    by_lot="Tirées au sort seulement",
    by_lot_what="Celles qui sont tirées au sort ne dépendent ni de qui clique, ni des tweets choisis.",
    rejected_of="{rejected} sur {judged} (intervalle à 95 % : {low} à {high})",
    nobody_judged="Personne n’a jugé de réponse pendant cette période",
    nobody_judged_what="Dites sous une réponse si elle est juste ; le taux apparaîtra ici de lui-même.",
    nothing_by_lot="Aucune jugée pendant cette période",
    rejections_chart="Les réponses jugées",
    rejections_alt="Barres du nombre d’avis au fil du temps : {rejected} rejets et {confirmed} confirmations.",
    judged="Jugées",
    rejected="Rejetées",
    confirmed="Confirmées",
)
