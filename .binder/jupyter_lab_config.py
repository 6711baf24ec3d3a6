"""JupyterLab on Binder opens the first lesson, whatever the link says, and asks nobody for news."""

from k8scourse.cli import SETTINGS

c = get_config()  # noqa: F821  (Jupyter provides it)
c.LabApp.default_url = "/lab/tree/notebooks/en/00-one-order.ipynb"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabApp.app_settings_dir = str(SETTINGS)
