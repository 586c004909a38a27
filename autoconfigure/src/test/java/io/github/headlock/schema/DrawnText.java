package io.github.headlock.schema;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Draws the contents of scripts: what ends their lines, what they begin with, and letters
 * of several bytes.
 */
final class DrawnText {

	private static final String BYTE_ORDER_MARK = "\uFEFF";

	private static final List<String> LINES = List.of("SELECT 1;", "", "  -- a comment",
			"SELECT 'grün', '東京', '\uD83D\uDE00';", "\tSELECT '$', '{', '}', '$ {x}';",
			"SELECT '\u2028\u0085\u000B\f';", "COMMENT ON TABLE a IS '\uFEFF';");

	private static final List<String> ENDS = List.of("\n", "\n", "\r\n", "\r", "\n\r", "\n\n");

	private DrawnText() {
	}

	static byte[] draw(Random random) {
		StringBuilder text = new StringBuilder();
		for (int marks = (random.nextInt(8) == 0) ? 1 + random.nextInt(2) : 0; marks > 0; marks--) {
			text.append(BYTE_ORDER_MARK);
		}
		String end = any(random, ENDS);
		int lines = random.nextInt(6);
		for (int line = 0; line < lines; line++) {
			text.append(any(random, LINES));
			if (line < lines - 1 || random.nextBoolean()) {
				text.append((random.nextInt(10) == 0) ? any(random, ENDS) : end);
			}
		}
		return text.toString().getBytes(StandardCharsets.UTF_8);
	}

	/** A text with bytes that are no UTF-8. */
	static byte[] malformed(Random random) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		bytes.writeBytes(draw(random));
		bytes.writeBytes(any(random, List.of(new byte[] { (byte) 0xE4 }, new byte[] { (byte) 0xC0, (byte) 0x80 },
				new byte[] { (byte) 0xED, (byte) 0xA0, (byte) 0x80 }, new byte[] { (byte) 0xF0, (byte) 0x9F })));
		if (random.nextBoolean()) {
			bytes.writeBytes(draw(random));
		}
		return bytes.toByteArray();
	}

	static <T> T any(Random random, List<T> values) {
		return values.get(random.nextInt(values.size()));
	}

}
