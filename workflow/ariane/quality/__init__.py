"""What the calls say of the analysis: sex, relatedness, contamination, for laboratories only.

No room imports this one, so nothing of it can reach a family's page.
"""
