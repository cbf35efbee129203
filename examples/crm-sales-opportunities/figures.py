#!/usr/bin/env python3
"""Prints, as JSON, the figures that the CSV files beside this script give.

It is the independent witness for the demo tenant's reports: it shares no code and no table with the
loader (tools/seed) and needs nothing but Python 3. Values are whole US dollars; a month is that of the
deal's close_date.

    python3 examples/crm-sales-opportunities/figures.py [SAMPLE]

With SAMPLE, only that many deals count, spread evenly: for i from 0, the deal at floor(i * all / SAMPLE).
"""

import csv
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
STAGES = {"Won": "won", "Lost": "lost", "Engaging": "engaging", "Prospecting": "prospecting"}
PRODUCT_SPELLINGS = {"GTXPro": "GTX Pro"}


def rows(name):
    with open(FOLDER / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def no_deals():
    return {"opportunities": 0, "won": 0, "lost": 0, "engaging": 0, "prospecting": 0, "wonValue": 0}


def count(figures, deal):
    stage = STAGES[deal["deal_stage"]]
    figures["opportunities"] += 1
    figures[stage] += 1
    if stage == "won":
        figures["wonValue"] += int(deal["close_value"])


def main():
    deals = rows("sales_pipeline.csv")
    if len(sys.argv) > 1:
        size = int(sys.argv[1])
        deals = [deals[i * len(deals) // size] for i in range(size)] if size < len(deals) else deals
    products = rows("products.csv")
    teams = rows("sales_teams.csv")
    region_of = {row["sales_agent"]: row["regional_office"] for row in teams}

    totals = no_deals()
    by_agent = {row["sales_agent"]: no_deals() for row in teams}
    by_product = {row["product"]: no_deals() for row in products}
    by_region = {row["regional_office"]: no_deals() for row in teams}
    by_month_won = {}

    for deal in deals:
        product = PRODUCT_SPELLINGS.get(deal["product"], deal["product"])
        for figures in (
            totals,
            by_agent[deal["sales_agent"]],
            by_product[product],
            by_region[region_of[deal["sales_agent"]]],
        ):
            count(figures, deal)
        if deal["deal_stage"] == "Won":
            month = by_month_won.setdefault(deal["close_date"][:7], {"won": 0, "wonValue": 0})
            month["won"] += 1
            month["wonValue"] += int(deal["close_value"])

    totals["withoutAccount"] = sum(1 for deal in deals if deal["account"] == "")
    records = {
        "teams": len(by_region),
        "agents": len(by_agent),
        "managers": len({row["manager"] for row in teams}),
        "products": len(products),
        "accounts": len(rows("accounts.csv")),
        "opportunities": len(deals),
    }
    print(
        json.dumps(
            {
                "records": records,
                "totals": totals,
                "byAgent": dict(sorted(by_agent.items())),
                "byProduct": dict(sorted(by_product.items())),
                "byRegion": dict(sorted(by_region.items())),
                "byMonthWon": dict(sorted(by_month_won.items())),
            },
            indent=2,
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
