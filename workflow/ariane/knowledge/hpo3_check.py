"""The ontology read a second time, by hpo3: two readers must see the same terms and ancestors.

A wrong ancestor would silently shift every phenotype score. hpo3 (imported as ``pyhpo``) keeps one
ontology per process and speaks on stdout, so it is asked in a child process of its own. It does not
resolve alternative ids, which is why :mod:`ariane.knowledge.hpo` reads ``hp.obo`` itself.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ariane.files import open_text
from ariane.knowledge.hpo import Ontology
from ariane.model.errors import ArianeError

NO_GENES = "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n"


def check_with_hpo3(obo: Path, hpoa: Path, ontology: Ontology) -> None:
    """Compare our reading of an ontology with hpo3's.

    Args:
        obo: the release's ``hp.obo``, plain or gzip.
        hpoa: the release's ``phenotype.hpoa``, which hpo3 wants beside it.
        ontology: our reading.

    Raises:
        ArianeError: hpo3 cannot read the files, or sees other terms or ancestors.
    """
    with tempfile.TemporaryDirectory(prefix="ariane-hpo-") as name:
        folder = Path(name)
        for source, target in ((obo, "hp.obo"), (hpoa, "phenotype.hpoa")):
            with open_text(source) as handle:
                (folder / target).write_text(handle.read(), encoding="utf-8")
        (folder / "genes_to_phenotype.txt").write_text(NO_GENES, encoding="utf-8")
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            try:
                seen = pool.submit(ancestors_by_hpo3, name).result()
            except Exception as problem:
                raise ArianeError(
                    f"{obo}: hpo3 cannot read it ({problem}). Check the file."
                ) from None
    ours = {term: set(above) for term, above in ontology.ancestors.items()}
    # hpo3 keeps obsolete terms; only live ones are compared.
    differing = sorted(term for term, above in ours.items() if seen.get(term) != above)
    if differing:
        raise ArianeError(
            f"{obo}: hpo3 and Ariane read {len(differing)} terms differently ({differing[0]} ...). "
            "Give hp.obo as HPO publishes it."
        )


def ancestors_by_hpo3(folder: str) -> dict[str, set[str]]:
    """Each term of an ontology with itself and all its ancestors, as hpo3 reads them."""
    from pyhpo import Ontology as Hpo3

    with contextlib.redirect_stdout(io.StringIO()):
        Hpo3(folder)
    return {term.id: {term.id, *(above.id for above in term.all_parents)} for term in Hpo3}
