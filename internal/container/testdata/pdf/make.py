"""Writes the PDF files that the tests read, with ReportLab 5.1.

python make.py
"""
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

METRE = 72 / 0.0254


def page(c, width, height, text):
    c.setPageSize((width, height))
    c.setFillColorRGB(0.9, 0.3, 0.1)
    c.rect(width * 0.1, height * 0.1, width * 0.5, height * 0.3, stroke=0, fill=1)
    c.setFillColorRGB(0, 0, 0.5)
    c.circle(width * 0.7, height * 0.7, min(width, height) * 0.2, stroke=1, fill=0)
    c.setFont("Helvetica", min(width, height) / 10)
    c.drawString(width * 0.1, height * 0.5, text)
    c.showPage()


c = Canvas("pages.pdf", invariant=1)
page(c, 595, 842, "A4")
page(c, 260, 150, "a card")
page(c, 10 * METRE, 5 * METRE, "10 metres")
page(c, 10, 10 * METRE, "a thread")
c.save()
for name, user in {"encrypted": "password", "owner_only": ""}.items():
    c = Canvas(f"{name}.pdf", invariant=1, encrypt=StandardEncryption(user, "owner", canPrint=0))
    page(c, 260, 150, "secret")
    c.save()
