#!/usr/bin/env bash
# What docs/comparison sets beside the champion: the other families and the bundles of three labels. After
# scripts/champion.sh, whose encoders and bundles it goes on from; then it compares them all and writes the README's table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
trainer=.venv/bin/trainer
bundles=var/bundles
three=(--labels "negative,neutral,positive")

$trainer train tfidf_logreg --dataset sentiment140+us_airline:20+semeval:2
for trees in tfidf_forest tfidf_xgboost; do
  $trainer train $trees --dataset sentiment140+us_airline:12+semeval:2 --limit 400000
done

$trainer train tfidf_logreg --dataset semeval+us_airline+umsab_french:2 "${three[@]}" --output $bundles/tfidf_logreg-three
TRAINER_BERT_CHECKPOINT=var/encoders/first TRAINER_BERT_LEARNING_RATE=8e-5 TRAINER_BERT_ENCODER_DIR=var/encoders/three \
  TRAINER_SOFT_LABELS_FILE=var/soft_labels-three.npz \
  $trainer train bert --dataset semeval+us_airline:2+umsab_french:4 "${three[@]}" --output $bundles/bert-three

$trainer compare models/champion $bundles/{tfidf_logreg,tfidf_forest,tfidf_xgboost,bert} \
  $bundles/{tfidf_logreg-three,bigru-wide,bert-wide,bert-three} --write README.md
