"""Files: up, looked up, down in three ways, and away."""

from conftest import refusal

PDF = b"%PDF-1.4 " + bytes(200_000)


def test_a_file_goes_up_comes_down_and_is_deleted(wa, sim, thandi, driven, tmp_path):
    with driven("upload_media"):
        media = wa.upload_media(PDF, mime_type="application/pdf", filename="menu.pdf")
        sent = wa.send_document(thandi, media, filename="menu.pdf")
        assert sim.entry(sent.id)["content"]["document"] == {"id": media.id, "filename": "menu.pdf"}
    with driven("get_media_url"):
        found = wa.get_media_url(media.id)
        assert (found.mime_type, int(found.file_size)) == ("application/pdf", len(PDF))
        assert found.url.startswith(sim.base_url)
    with driven("get_media_bytes"):
        assert wa.get_media_bytes(found.url) == PDF
    with driven("download_media"):
        path = wa.download_media(url=found.url, path=tmp_path, filename="menu.pdf")
        assert path.read_bytes() == PDF
    with driven("stream_media"):
        pieces = list(wa.stream_media(found.url, chunk_size=65_536))
        assert len(pieces) > 1 and b"".join(pieces) == PDF
    with driven("delete_media"):
        assert wa.delete_media(media.id).success
        assert refusal(lambda: wa.get_media_url(media.id)) == 100
        assert refusal(lambda: wa.send_document(thandi, media, filename="menu.pdf")) == 100


def test_what_whatsapp_does_not_take_is_refused(wa):
    assert refusal(lambda: wa.upload_media(b"x", mime_type="application/zip", filename="a.zip")) == 100
