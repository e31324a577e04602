# One set of verbs, the same on a laptop and in CI. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTEST_ARGS ?=
DATASET ?= sample
FUZZ_CASES ?= 5000
REJECTIONS ?= 10000
LOAD_ARGS ?=
BIN := .venv/bin
# Of thousands of tests beside each other on a busy machine one may come too late: it gets a second turn, and is listed
# with what was wrong with the first, so that it is mended.
SECOND_TURN := --reruns 1 --rerun-show-tracebacks -r aR

.PHONY: help
help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## start MLflow, the API and the page; Ctrl-C stops all of them
	@scripts/setup.sh run
	@$(BIN)/python scripts/run.py

.PHONY: test
test: ## install and run the tests of every day, in eight minutes; two at once (PYTEST_ARGS="-n 0 -s …" for one)
	@scripts/setup.sh dev
	@$(BIN)/pytest -n 2 --dist loadfile -m "not stack and not slow" $(PYTEST_ARGS)

.PHONY: test-all
test-all: ## all tests but those of the stack: half an hour
	@scripts/setup.sh dev
	@$(BIN)/pytest -n 2 --dist loadfile $(SECOND_TURN) $(PYTEST_ARGS)

.PHONY: check
check: ## lint, types, and whether generated files are fresh
	@scripts/setup.sh dev
	.tools/uv lock --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m inference.openapi --check
	$(BIN)/python scripts/licences.py --check
	scripts/lint.sh

.PHONY: lint-containers
lint-containers: ## Dockerfiles, compose file, workflows, scripts and secrets; no network but to install its tools, once
	@scripts/setup.sh dev
	@scripts/lint.sh

.PHONY: isolation
isolation: ## install each service alone and import all that its code imports (SERVICE=trainer EXTRAS="networks trees")
	@scripts/setup.sh run
	@scripts/isolation.sh $(SERVICE)

.PHONY: licences
licences: ## write docs/licences.md: what the images carry, and under which licences
	@scripts/setup.sh dev
	@$(BIN)/python scripts/licences.py

.PHONY: sbom
sbom: ## write var/sbom/SERVICE.json: what each image installs, as CycloneDX
	@scripts/setup.sh run
	@scripts/sbom.sh

.PHONY: audit
audit: ## known vulnerabilities of what uv.lock has; asks osv.dev, and fails without a network
	@scripts/setup.sh run
	.tools/uv audit --frozen --preview-features audit-command

.PHONY: train
train: ## fit, evaluate and register a candidate (DATASET=sentiment140 for the real one)
	@scripts/setup.sh run
	$(BIN)/trainer train tfidf_logreg --dataset $(DATASET)

.PHONY: candidate
candidate: ## train CANDIDATE on DATASET and judge it beside models/champion; leaves var/candidate (FOLDER=…)
	@scripts/setup.sh dev
	@$(BIN)/python -m scripts.candidate "$${CANDIDATE:-tfidf_logreg}" --dataset "$${DATASET:-sample}" --folder "$${FOLDER:-var/candidate}"

.PHONY: up
up: ## the same system on containers
	docker compose up --build --wait

.PHONY: down
down: ## stop the containers; their volumes stay
	docker compose down

.PHONY: dev
dev: ## the containers with this checkout's source, which they read again when it changes
	docker compose -f docker-compose.yml -f docker-compose.dev.yml up --build --watch

.PHONY: secrets
secrets: ## random secrets in secrets/, for compose: what must be your own before anybody else can reach it
	@python3 scripts/make_secrets.py $(FOLDER)

.PHONY: backup
backup: ## a copy of what the containers keep, while they run (FOLDER=var/backups/…)
	@scripts/backup.sh $(FOLDER)

.PHONY: restore
restore: ## put a copy back, on the containers: FOLDER=… (YES=1 where there is something already)
	@scripts/restore.sh "$(FOLDER)" $(if $(YES),--yes)

.PHONY: bench
bench: ## what serving costs, beside other ways to serve; writes docs/benchmarks.md and the README's table
	@scripts/setup.sh run
	$(BIN)/python -m bench --write README.md

.PHONY: test-alert
test-alert: ## send a test message to everybody who is told of alerts
	@scripts/setup.sh run
	@$(BIN)/python scripts/operate.py test-alert

.PHONY: erase
erase: ## forget a person: SUBJECT=the id that callers give as author or reviewer; asks for it without one
	@scripts/setup.sh run
	@$(BIN)/python scripts/operate.py erase "$(or $(SUBJECT),-)"

.PHONY: outage
outage: ## 10,000 rejections through outages of the telemetry endpoint, a worker and Postgres; none may be lost
	@scripts/setup.sh dev
	REJECTIONS=$(REJECTIONS) $(BIN)/pytest tests/outage -rP $(PYTEST_ARGS)

.PHONY: alarms
alarms: ## simulate the two alert rules side by side; writes docs/alert-rules.md's table
	@scripts/setup.sh run
	$(BIN)/python -m bench.alarms --write

.PHONY: blackhole
blackhole: ## what Application Insights costs callers, also when it says nothing; writes docs/benchmarks.md
	@scripts/setup.sh run
	$(BIN)/python -m bench.blackhole --write

.PHONY: free-plan
free-plan: ## what the API's image and the pages take, against the free plan of App Service; writes docs/deployment.md's table
	@scripts/setup.sh run
	docker build --quiet --file services/inference/Dockerfile --tag air-paradis/inference . >/dev/null
	$(BIN)/python -m bench.free_plan --image air-paradis/inference --write

.PHONY: azure-parameters
azure-parameters: ## secrets/azure/TARGET.json for `az deployment group create`: images.json and secrets (TARGET=app-service)
	@python3 scripts/azure_parameters.py $(or $(TARGET),app-service) $(ARGS)

.PHONY: deploy
deploy: ## the images of images.json to Azure, by digest, and back where they fail (TARGET=app-service ARGS="--resource-group …")
	@scripts/setup.sh dev
	@$(BIN)/python -m scripts.deploy $(or $(TARGET),app-service) $(ARGS)

.PHONY: loop-demo
loop-demo: ## the whole loop on real parts: traffic, verdicts, drift, a challenger, its promotion, and back; prints its figures
	@scripts/setup.sh run
	@VAR_DIR=$(or $(VAR_DIR),var/loop-demo) $(BIN)/python scripts/loop_demo.py

.PHONY: drift-replay
drift-replay: ## real tweets in order of time, then a switch to an airline's: when does drift show? needs TRAINER_DATA_DIR
	@scripts/setup.sh run
	$(BIN)/python -m bench.drift_replay --write

.PHONY: drift-null
drift-null: ## simulate windows in which nothing has changed: how often drift is seen there; writes docs/drift.md
	@scripts/setup.sh run
	$(BIN)/python -m bench.drift_null --write

.PHONY: scaling
scaling: ## what scoring in bulk costs: engines, workers, families, ten million tweets; an hour; writes docs/scaling.md
	@scripts/setup.sh dev
	$(BIN)/python -m bench.scaling $(BUNDLES) --write

.PHONY: scaling-storage
scaling-storage: ## what files and the database cost of it; a minute; writes docs/scaling.md
	@scripts/setup.sh dev
	$(BIN)/python -m bench.scaling_storage --write

.PHONY: sessions
sessions: ## 50 people on the pages at once: how long they wait, and what memory they take; writes docs/benchmarks.md
	@scripts/setup.sh run
	$(BIN)/python -m bench.sessions --write

.PHONY: pictures
pictures: ## photograph the pages into docs/images, after a round of the loop; needs Chromium
	@scripts/setup.sh dev
	@VAR_DIR=$(or $(VAR_DIR),var/pictures) $(BIN)/python scripts/pictures.py

.PHONY: load
load: ## people's journeys through the API with locust, for a minute; fails where one is too slow (LOAD_ARGS="--url …")
	@scripts/setup.sh dev
	$(BIN)/python -m bench.journeys $(LOAD_ARGS)

.PHONY: stack
stack: ## bring the compose file up on a Docker engine and test it as a user would
	@scripts/setup.sh dev
	$(BIN)/pytest -m stack $(SECOND_TURN) $(or $(PYTEST_ARGS),tests/stack tests/deploy)

.PHONY: fuzz
fuzz: ## ask the API what its own description allows, and what it does not, thousands of times (FUZZ_CASES=5000)
	@scripts/setup.sh dev
	FUZZ_CASES=$(FUZZ_CASES) $(BIN)/pytest tests/fuzz -rP $(PYTEST_ARGS)

.PHONY: bert
bert: ## install torch and transformers, with pip, for the candidate bert
	@scripts/setup.sh bert

.PHONY: champion
champion: ## make models/champion again: BERT learns the tweets, a small GRU learns them from it; hours, resumable
	@scripts/setup.sh bert
	scripts/champion.sh

.PHONY: figures
figures: ## write the champion's recorded figures into the README
	@scripts/setup.sh run
	$(BIN)/trainer evaluate models/champion --recorded --write README.md

.PHONY: compare
compare: ## measure every bundle side by side; writes docs/comparison and the README's table
	@scripts/setup.sh run
	$(BIN)/trainer compare --write README.md

.PHONY: openapi
openapi: ## write services/inference/openapi.json from the code
	@scripts/setup.sh run
	$(BIN)/python -m inference.openapi

.PHONY: fix
fix: ## format, and mend what ruff can mend
	@scripts/setup.sh dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
