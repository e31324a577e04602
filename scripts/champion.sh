#!/usr/bin/env bash
# models/champion, from the published tweets: BERT learns them, a small GRU learns them from BERT. Some two hours on two
# cores; what was interrupted goes on when it is typed again. How each stage was found: docs/experiments.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
trainer=.venv/bin/trainer
three=(--labels "negative,neutral,positive")

# Half of the tweets, and then another half (another mixture is another order): BERT leaves what it thought of each
# tweet before it learned from it, which is what the student will learn.
TRAINER_BERT_ENCODER_DIR=var/encoders/first \
  $trainer train bert --dataset sentiment140+us_airline:4+semeval:2 --output var/bundles/bert-first
TRAINER_BERT_CHECKPOINT=var/encoders/first TRAINER_BERT_LEARNING_RATE=8e-5 TRAINER_BERT_ENCODER_DIR=var/encoders/second \
  $trainer train bert --dataset sentiment140+us_airline:20+semeval:4 --output var/bundles/bert-second

# Neutral tweets teach what is neither: with them BERT tells negative from positive better, above all to airlines.
TRAINER_BERT_CHECKPOINT=var/encoders/first TRAINER_BERT_LEARNING_RATE=8e-5 TRAINER_BERT_ENCODER_DIR=var/encoders/wide \
  TRAINER_BERT_TWEETS=285000 TRAINER_SOFT_LABELS_FILE=var/soft_labels-wide.npz \
  $trainer train bert --dataset sentiment140+us_airline:6+semeval:2 --limit 200000 "${three[@]}" --output var/bundles/bert-wide
$trainer narrow var/bundles/bert-wide --dataset sentiment140+us_airline:6+semeval:2 --limit 200000 --output var/bundles/bert

# The student learns three labels too; the champion is what it says about two of them.
for set in us_airline semeval; do $trainer teach var/bundles/bert-wide --dataset $set; done
$trainer train bigru_distilled --dataset sentiment140+us_airline:6+semeval:2 "${three[@]}" --output var/bundles/bigru-wide
$trainer narrow var/bundles/bigru-wide --dataset sentiment140+us_airline:6+semeval:2 --output models/champion
