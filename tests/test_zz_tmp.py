import json
from test_policy_generated import *  # noqa
import test_policy_generated as g
def test_tmp(world, generated, client, catalogue):
    made = g.policy.Restrictions(generated)
    made.key = world["admin"].keys["mcp"]
    for model, kind in (("mail.alias","allowed"),("mail.guest","all that names it in scope")):
        t = catalogue.target(model)
        q = g._quotes(generated, t)
        with g.KINDS[kind](made, t):
            for p,(a,b) in g._answers(generated, client, t, q).items():
                if a!=b: print("LEAK", p, a[:1500], "\n", b[:1500])
    rows = generated.rows("""SELECT d.model, d.field, d.on_model, d.on_field, f.ttype, o.ttype AS ot FROM mcp_field_dependency d
      JOIN ir_model_fields f ON f.model=d.model AND f.name=d.field JOIN ir_model_fields o ON o.model=d.on_model AND o.name=d.on_field
      WHERE d.beyond AND NOT d.related AND f.ttype IN ('char','text','html') AND o.ttype IN ('char','text','html') AND d.model<>d.on_model ORDER BY 1,2""")
    print(len(rows))
    for r in rows: print("ROW", *r.values())
    rows = generated.rows("SELECT model, field, on_model, on_field FROM mcp_field_dependency WHERE field IN ('display_name','@names') and beyond and model<>on_model")
    for r in rows: print("NAME", *r.values())
