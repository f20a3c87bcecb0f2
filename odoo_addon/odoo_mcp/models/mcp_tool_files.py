# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Methods of the built-in tools for attachments and reports, which Odoo runs as the calling user."""

import base64
import re

from odoo import _, models
from odoo.exceptions import UserError

from .. import compat
from ..policy import record_checks
from ..tools import file_content, pdf_text

NO_PDF = ("install", "broken")
PICTURE = re.compile(r'"data:[^"]*"')


class McpTool(models.Model):
    _inherit = "mcp.tool"

    def _tool_read_file(self, attachment_id, offset, most_characters, most_bytes, only=None):
        """Return a file's properties, with its text or image if it has one. Files stored elsewhere are not fetched."""
        attachment = self._tool_existing("ir.attachment", [attachment_id], "read")
        answer = {"file": _facts(attachment)}
        record_checks.check(attachment, only)
        if attachment.type != "binary":
            if attachment.url:
                answer["file"]["url"] = attachment.url
            return {**answer, "note": _("The file is stored outside Odoo. Odoo does not fetch it.")}
        raw = attachment.raw or b""
        mimetype = attachment.mimetype or ""
        if file_content.is_text(mimetype):
            text = file_content.decoded(raw)
            if text is not None:
                return {**answer, "text": text[offset : offset + most_characters], "length": len(text)}
        elif mimetype == "application/pdf":
            text = pdf_text.extracted(raw)
            if text is not None:
                note = _("The text of the pages, without layout and images.")
                return {
                    **answer,
                    "text": text[offset : offset + most_characters],
                    "length": len(text),
                    "note": note,
                }
        elif mimetype.startswith("image/"):
            try:
                image = file_content.shown_image(raw, most_bytes)
            except file_content.TooManyPixels:
                return {**answer, "note": _("Odoo cannot show the image because it has too many pixels.")}
            if image is not None:
                data, image_type, width, height, scaled = image
                return {
                    **answer,
                    "image": data,
                    "image_type": image_type,
                    "width": width,
                    "height": height,
                    "note": _("The image is scaled down.") if scaled else None,
                }
        return {**answer, "note": _("A file of this type cannot be shown here. A user can open it in Odoo.")}

    def _tool_attach_file(self, model, record_id, name, data, only=None, attachment_only=None):
        """Attach a new file to a record, as any user who may write the record can."""
        record = self._tool_existing(model, [record_id], "write")
        record_checks.check(record, only)
        raw = base64.b64decode(data)
        try:
            is_image = file_content.measured(raw) is not None
        except file_content.TooManyPixels as error:
            raise UserError(_("The image has too many pixels. Reduce its size first.")) from error
        # Web pages are stored as plain text, whoever attaches them. A file that is no image by its bytes is not decoded
        # as one.
        attachments = self.env["ir.attachment"].with_context(
            attachments_mime_plainxml=True, image_no_postprocess=not is_image
        )
        attachment = attachments.create({"name": name, "raw": raw, "res_model": model, "res_id": record.id})
        record_checks.check(attachment, attachment_only)
        return {"file": _facts(attachment)}

    def _tool_render_report(self, model, ids, most_bytes, report=None, pdf=False, only=None):
        """Return a report of records: the available reports, or one of them as text or PDF."""
        target = self._tool_model(model)
        compat.check_model_access(target, "read")
        known = self._mcp_reports(model)
        if not report:
            return {"reports": [{"report": one.report_name, "name": one.name} for one in known]}
        found = known.filtered(lambda one: one.report_name == report)[:1]
        if not found:
            raise UserError(
                _(
                    "The report %(report)s of %(model)s does not exist for this user. Available reports: %(known)s.",
                    report=report,
                    model=model,
                    known=", ".join(known.mapped("report_name")) or _("none"),
                )
            )
        records = self._tool_existing(model, ids, "read")
        compat.check_record_access(records, "read")
        record_checks.check(records, only)
        reports = self.env["ir.actions.report"].with_context(report_pdf_no_attachment=True)
        if pdf:
            return self._mcp_pdf(reports, found, records, most_bytes)
        if found.report_type == "qweb-text":
            text = reports._render_qweb_text(report, records.ids)[0]
            text = text.decode() if isinstance(text, bytes) else text
        elif found.report_type in ("qweb-pdf", "qweb-html"):
            html = reports._render_qweb_html(report, records.ids)[0]
            html = html.decode() if isinstance(html, bytes) else str(html)
            # The core converts it to text; images would be most of the transferred data.
            return {"html": PICTURE.sub('""', html)}
        else:
            raise UserError(_("The report %s cannot be shown as text.", report))
        return {"text": text}

    def _mcp_reports(self, model):
        """Return the reports in the user's Print menu of a model; their existence is no secret."""
        # The list of reports is read as superuser, the content of reports as the user.
        reports = self.env["ir.actions.report"].sudo().search([("model", "=", model)], order="name, id")
        mine = self.env.user.sudo()[compat.USER_ALL_GROUPS_FIELD]
        return reports.filtered(
            lambda one: not one[compat.ACTION_GROUPS_FIELD] or one[compat.ACTION_GROUPS_FIELD] & mine
        )

    def _mcp_pdf(self, reports, report, records, most_bytes):
        if report.report_type != "qweb-pdf" or reports.get_wkhtmltopdf_state() in NO_PDF:
            raise UserError(
                _("This Odoo cannot create a PDF of the report %s. Omit pdf to get its text.", report.report_name)
            )
        made, kind = reports._render_qweb_pdf(report.report_name, res_ids=records.ids)
        if kind != "pdf":
            raise UserError(_("Odoo created no PDF of the report. Omit pdf to get its text."))
        if len(made) > most_bytes:
            raise UserError(
                _(
                    "The PDF has %(size)s bytes. The limit for one answer is %(most)s bytes. Print fewer records, or "
                    "omit pdf to get the text.",
                    size=len(made),
                    most=most_bytes,
                )
            )
        return {"pdf": made, "size": len(made)}


def _facts(attachment):
    """Return the properties of a file that the user may read, without its tokens and storage location."""
    read = attachment.read(["name", "mimetype", "file_size", "checksum", "res_model", "res_id"])[0]
    facts = {
        "id": attachment.id,
        "name": read["name"],
        "mimetype": read["mimetype"] or "application/octet-stream",
        "size": read["file_size"],
    }
    if read["checksum"]:
        facts["checksum"] = read["checksum"]
    if read["res_model"] and read["res_id"]:
        facts.update(model=read["res_model"], record_id=read["res_id"])
    return facts
