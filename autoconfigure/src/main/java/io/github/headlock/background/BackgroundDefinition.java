package io.github.headlock.background;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Declares a background migration.
 *
 * @param name its name, by which it is known for ever
 * @param source where it is declared, for people
 * @param table the table, as it stands in SQL
 * @param since schema version that it needs
 * @param where condition on the rows that still need it
 * @param key columns to go along, none for those of the primary key
 * @param alias what the statement calls the table, {@code null} if by its name
 * @param effect what is done to the rows of a batch
 */
record BackgroundDefinition(String name, String source, String table, MigrationVersion since, SqlText where,
		List<String> key, @Nullable String alias, Effect effect) {

	/** Longer than anybody writes, and short enough for a metric's tag. */
	static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,100}");

	/**
	 * Identifies what it does, so that a process can tell whether another one means the
	 * same.
	 */
	String hash() {
		String text = String
			.join("\0", this.table, this.where.text(), String.join(",", this.key), String.valueOf(this.alias),
					this.effect.text())
			.replaceAll("\\s+", " ");
		try {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

	@Override
	public String toString() {
		return this.name;
	}

}
