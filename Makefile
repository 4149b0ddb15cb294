# Everything a person does with this checkout. `make demo` and `make test` set up what they need.
.DELETE_ON_ERROR:
.PHONY: demo demo-check demo-reset venv check test test-postgresql lint articles states messages screenshots bench conformance mutants soak release lock

PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE := # empty: what one worker has compiled is there for the others
READY := .venv/ready node_modules/ready src/brug/locale/nl/LC_MESSAGES/django.mo

demo: $(READY)            ## two nodes, a mail system between them, fictional people
	$(BIN)/brug demo
demo-check: $(READY)      ## the same without a person: the whole job, over HTTP, on free ports
	$(BIN)/python -m tests.demo_check
demo-reset: $(READY)      ## forget the demo and start anew
	$(BIN)/brug demo --reset

test: $(READY)            ## everything that must hold
	./tools/system-packages test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
test-postgresql: $(READY) ## the same on PostgreSQL, on a server of its own
	./tools/system-packages test
	BRUG_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --reuse-db
check: lint test          ## what must be green before a commit
lint: $(READY)
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint src
	$(BIN)/brug manage makemigrations --check --dry-run
	$(BIN)/reuse --no-multiprocessing lint --quiet

articles: $(READY)        ## which room keeps which article, and which test proves it
	$(BIN)/python -m tools.articles docs/articles.md
states: $(READY)          ## the state tables and the kept data as pages
	$(BIN)/python -m tools.states docs/states.md
	$(BIN)/python -m tools.data docs/data.md
messages: $(READY)        ## collect the texts of the interface for translation
	cd src/brug && ../../$(BIN)/django-admin makemessages -l nl --no-location --no-wrap --no-obsolete
screenshots: $(READY)     ## every page as pictures, to look at; those of the README and the guides
	$(BIN)/python -m tools.screenshots
	rm -rf screenshots/pages && mkdir -p screenshots/pages
	BRUG_PICTURES=screenshots/pages $(BIN)/python -m pytest -q -n 2 --dist loadfile tests/browser
	$(BIN)/python -m tools.pages screenshots/pages
bench: $(READY)           ## every benchmark, one after the other: about half an hour on two quiet cores
	./tools/system-packages test
	$(BIN)/python -u -m tools.bench

conformance: $(READY)     ## every vector against the second end in JavaScript, the mutants of our own reader, and 0.3.0 with this release
	$(BIN)/brug conformance --vectors tests/vectors --reader 'node tests/independent/brug.mjs read {node} {manifest} {archive} {mail}' \
		--writer 'node tests/independent/brug.mjs write {given} {manifest} {archive}'
	$(BIN)/python -m tests.vectors.mutants
	$(BIN)/python -m pytest tests/release/test_two_versions.py
mutants: $(READY)         ## does the suite notice small changes of what decides, seals and keeps? NAMES and SECONDS choose
	$(BIN)/uv pip install --quiet --require-hashes -r requirements/mutants.txt
	$(BIN)/python -m tests.mutants $(if $(SECONDS),--seconds $(SECONDS)) $(or $(NAMES),all)
soak: $(READY)            ## the slow proofs: ten thousand kills, a fault at every call, the larger model, a hundred thousand hostile parcels
	$(BIN)/python -m tests.faults.crash 10000 2400
	$(BIN)/python -m tests.faults.crash 500 240 maildir
	BRUG_SOAK=1 BRUG_CANARY_REQUESTS=10000 $(BIN)/python -m pytest -m soak
	BRUG_TEST_DATABASE=postgresql BRUG_CANARY_REQUESTS=10000 $(BIN)/python -m pytest tests/hostile/test_canaries.py

release: $(READY)         ## the wheel, the Debian package, its bill of materials, the audit and the checksums, in dist/; UNAUDITED=1 without the audit
	$(BIN)/python -W ignore -m tools.release $(if $(UNAUDITED),--unaudited)

lock:                     ## renew the locked requirements and the npm lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --upgrade --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 -q -o requirements/dev.txt
	$(BIN)/uv pip compile pyproject.toml --generate-hashes --upgrade --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 -q -o requirements/run.txt
	echo mutmut | $(BIN)/uv pip compile - -c requirements/dev.txt --generate-hashes --upgrade --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 -q -o requirements/mutants.txt
	npm install --package-lock-only

venv: $(READY)
.venv/ready: requirements/dev.txt requirements/uv.txt requirements/independent.txt pyproject.toml tools/system-packages
	./tools/system-packages demo
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt requirements/uv.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --ignore-requires-python --no-deps --require-hashes -r requirements/independent.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
node_modules/ready: package-lock.json tools/parts.py | .venv/ready
	npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
	$(BIN)/python -m tools.parts
	touch $@
%.mo: %.po | .venv/ready
	msgfmt -o $@ $<
