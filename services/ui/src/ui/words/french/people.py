"""Signing in, in French."""

from ui.words.people_wording import PeopleWording

PEOPLE = PeopleWording(
    title="Connectez-vous pour continuer",
    intro="Ce que l’on dit de nous, ce que le modèle en comprend, et ce que vous en pensez.",
    sign_in="Se connecter",
    sign_out="Se déconnecter",
    no_access="Pas encore d’accès",
    no_access_who="Vous vous êtes connecté avec :",
    no_access_what=(
        "Cette adresse n’a reçu aucun rôle ici. Demandez à qui administre ces pages de l’ajouter, "
        "puis reconnectez-vous ; ou déconnectez-vous et prenez un autre compte."
    ),
    no_address=(
        "Votre compte est arrivé sans adresse électronique confirmée, et c’est elle qui vous désigne ici. "
        "Confirmez-la là où le compte a été créé, puis reconnectez-vous ; "
        "ou déconnectez-vous et prenez un autre compte."
    ),
    set_up_in_part=(
        "La connexion n’est configurée qu’en partie ; personne n’entre donc. Ce qui manque, ou ne peut fonctionner :"
    ),
    not_set_up=(
        "Ces pages sont en production (`ENVIRONMENT=production`), où l’on se connecte, et la connexion n’est pas "
        "configurée ; personne n’entre donc. Ce qui manque :"
    ),
    parts={
        "redirect_uri": (
            "`redirect_uri` dans `[auth]` : l’adresse de ces pages suivie de `/oauth2callback`, en https "
            "sauf sur cette machine"
        ),
        "cookie_secret": "`cookie_secret` dans `[auth]` : au moins 32 caractères que personne ne peut deviner",
        "client_id": "`client_id` dans `[auth]` : le nom de ces pages chez le fournisseur",
        "client_secret": "`client_secret` dans `[auth]` : donné par le fournisseur",
        "server_metadata_url": (
            "`server_metadata_url` dans `[auth]` : là où le fournisseur se décrit, en https sauf sur cette machine"
        ),
        "roles": "`UI_OWNERS`, `UI_REVIEWERS`, `UI_VIEWERS` ou `UI_ROLE_CLAIM` : qui peut entrer",
    },
    in_the_name_of="Au nom de {name}",
)
