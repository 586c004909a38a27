package io.github.headlock.roles;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import io.github.headlock.HeadlockException;
import io.github.headlock.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the application's roles cannot be blocked for a migration, with everything
 * that stands against it. Nothing was changed. Exit code 12.
 */
public class RolesNotBlockableException extends HeadlockException {

	private static final long serialVersionUID = 1L;

	private final Obstacle[] obstacles;

	/**
	 * Creates the exception.
	 * @param obstacles what stands against it, at least one
	 * @param cause the driver's error, {@code null} if it was foreseen
	 */
	public RolesNotBlockableException(List<Obstacle> obstacles, @Nullable Throwable cause) {
		super(12, message(obstacles), cause);
		this.obstacles = obstacles.toArray(new Obstacle[0]);
	}

	private static String message(List<Obstacle> obstacles) {
		StringBuilder text = new StringBuilder("The application's roles cannot be blocked for the migration:");
		obstacles.forEach((obstacle) -> text.append("\n  - ").append(obstacle.what()));
		return text.toString();
	}

	/**
	 * Returns what stands against it.
	 * @return the obstacles, at least one
	 */
	public List<Obstacle> getObstacles() {
		return List.of(this.obstacles);
	}

	@Override
	public String getDescription() {
		return getMessage() + "\nNo role was changed, and no migration was run.";
	}

	@Override
	public String getAction() {
		return Arrays.stream(this.obstacles)
			.map((obstacle) -> "\n  - " + obstacle.cure())
			.distinct()
			.collect(Collectors.joining("", "Ask an administrator to do the following, then restart:", ""));
	}

	/**
	 * One thing that stands against blocking a role.
	 *
	 * @param what what it is, in words
	 * @param cure the SQL that removes it, or what else to do, in words
	 */
	public record Obstacle(String what, String cure) implements Serializable {

		/** Keeps both fit to be shown. */
		public Obstacle {
			what = PrintableText.line(what);
			cure = PrintableText.line(cure);
		}

	}

}
