package io.github.headlock.campaign.replica;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.headlock.BackgroundMigration;

/**
 * The background migration of the campaign in Java. It has the effect of the file: each
 * row counts how often it was changed.
 */
public final class FullNames implements BackgroundMigration {

	/** Its name, which is that of the file. */
	public static final String NAME = "backfill_full_name";

	private final String separator;

	FullNames(String separator) {
		this.separator = separator;
	}

	/** The condition tells releases with another separator apart. */
	@Override
	public Definition definition() {
		return Definition.of(NAME)
			.table("customer")
			.since("2")
			.where(String.format(Locale.ROOT, "full_name IS NULL AND '%1$s' = '%1$s'", this.separator));
	}

	@Override
	public int migrate(Batch batch) {
		List<Object[]> rows = batch.jdbc()
			.query("SELECT id, first_name, last_name FROM customer WHERE " + batch.condition(),
					(row, number) -> new Object[] { fullName(row.getString(2), row.getString(3)), row.getObject(1) },
					batch.arguments());
		batch.jdbc().batchUpdate("UPDATE customer SET full_name = ?, times = times + 1 WHERE id = ?", rows);
		return rows.size();
	}

	private String fullName(String... names) {
		return Stream.of(names).filter(Objects::nonNull).collect(Collectors.joining(this.separator));
	}

}
