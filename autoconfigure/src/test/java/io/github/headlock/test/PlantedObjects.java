package io.github.headlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Functions and operators that another role has planted in a schema of its own,
 * {@code hostile}, one for every name that occurs in the library's sources and every type
 * of argument that could make PostgreSQL prefer it to its own. Each does what
 * PostgreSQL's own does, and writes to the server's log who called it, in which
 * statement.
 */
public final class PlantedObjects {

	/** So that what is called can be read from the server's log. */
	public static final Map<String, String> SERVER_SETTINGS = Map.of("logging_collector", "on", "log_filename",
			"planted.log", "log_rotation_size", "0", "log_rotation_age", "0", "max_prepared_transactions", "10");

	private static final Pattern CALL = Pattern.compile("\\b([a-z][a-z_0-9]+)\\(");

	private static final Pattern LINE = Pattern.compile("planted <(\\S+)> <(.*?)> <(.*?)> <end>");

	private static final String CALLED = """
			CREATE SCHEMA planted;
			CREATE SCHEMA hostile;
			GRANT USAGE ON SCHEMA planted, hostile TO PUBLIC;
			CREATE FUNCTION planted.called(what text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
			BEGIN
				RAISE LOG 'planted <%> <%> <%> <end>', session_user, what, regexp_replace(current_query(), '\\s+', ' ', 'g');
			END $$""";

	/**
	 * For each function, each of its arguments with every type of the same kind. What has
	 * other arguments than PostgreSQL's own casts them and calls it.
	 */
	private static final String FUNCTIONS = """
			DO $do$
			DECLARE
				kinds CONSTANT text[] := ARRAY['text,character varying,name,character,"char"',
					'smallint,integer,bigint,numeric,double precision,oid,xid,regclass', 'boolean',
					'timestamp with time zone,timestamp without time zone,date', 'text[],character varying[],name[]',
					'integer[],bigint[],oid[],smallint[]'];
				own record;
				kind text;
				argument text;
				lists text[];
				longer text[];
				list text;
				arguments text;
				i int;
			BEGIN
				FOR own IN SELECT p.oid, p.proname, p.prorettype, p.proretset, p.provariadic, ARRAY(SELECT format_type(t, NULL)
						FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, n) ORDER BY n) AS types
						FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f'
						AND p.proname = ANY (?) AND p.proallargtypes IS NULL AND p.pronargs <= 5
						AND NOT 'internal'::regtype = ANY (p.proargtypes)
						AND (p.prorettype = 'void'::regtype OR p.prorettype NOT IN (SELECT t.oid FROM pg_type t WHERE t.typtype = 'p'))
				LOOP
					lists := ARRAY[''];
					FOREACH argument IN ARRAY own.types LOOP
						kind := argument;
						IF argument IN ('"any"', 'anyelement', 'anycompatible') THEN
							kind := 'text,name,integer,oid,regclass';
						END IF;
						FOR i IN 1 .. array_length(kinds, 1) LOOP
							IF argument = ANY (string_to_array(kinds[i], ',')) THEN
								kind := kinds[i];
							END IF;
						END LOOP;
						SELECT array_agg(l || ';' || t) INTO longer
							FROM unnest(lists) AS l, unnest(string_to_array(kind, ',')) AS t;
						lists := longer[1 : 1500];
					END LOOP;
					IF own.provariadic <> 0 THEN
						SELECT lists || array_agg(l || ';' || t) INTO lists FROM unnest(lists) AS l,
							unnest(ARRAY['text', 'name', 'oid', 'regclass', 'name;name', 'text;text', 'regclass;text']) AS t;
					END IF;
					FOREACH list IN ARRAY lists LOOP
						arguments := '';
						i := 0;
						FOREACH argument IN ARRAY string_to_array(ltrim(list, ';'), ';') LOOP
							i := i + 1;
							arguments := arguments || CASE WHEN i > 1 THEN ', ' ELSE '' END || '$' || i
								|| CASE WHEN own.provariadic = 0 AND argument <> own.types[i] AND own.types[i] NOT LIKE '%any%'
									THEN '::text::' || own.types[i] ELSE '' END;
						END LOOP;
						BEGIN
							EXECUTE format('CREATE FUNCTION hostile.%I(%s) RETURNS %s%s LANGUAGE plpgsql AS %L', own.proname,
								replace(ltrim(list, ';'), ';', ', '), CASE WHEN own.proretset THEN 'SETOF ' ELSE '' END,
								format_type(own.prorettype, NULL),
								format('BEGIN PERFORM planted.called(%L); %s pg_catalog.%I(%s); END', own.proname || '(' || list || ')',
									CASE WHEN own.proretset THEN 'RETURN QUERY SELECT' WHEN own.prorettype = 'void'::regtype
										THEN 'PERFORM' ELSE 'RETURN' END, own.proname, arguments));
						EXCEPTION WHEN duplicate_function THEN
							NULL;
						END;
					END LOOP;
				END LOOP;
			END $do$""";

	/**
	 * For each operator, each pair of types. Pairs that PostgreSQL does not have are
	 * compared as text.
	 */
	private static final String OPERATORS = """
			DO $do$
			DECLARE
				types CONSTANT text[] := ARRAY['text', 'varchar', 'name', 'bpchar', '"char"', 'int2', 'int4', 'int8', 'oid',
					'numeric', 'float8', 'bool', 'xid', 'uuid', 'timestamptz', 'timestamp', 'interval', 'inet', 'regclass',
					'text[]', 'varchar[]', 'name[]', 'int4[]', 'int8[]', 'oid[]', 'record'];
				symbol text;
				l text;
				r text;
				own oid;
				result text;
				n int := 0;
			BEGIN
				FOREACH symbol IN ARRAY ARRAY['=', '<>', '<', '>', '<=', '>=', '~~', '!~~', '||', '/', '-', '+', '~'] LOOP
					FOREACH l IN ARRAY types LOOP
						FOREACH r IN ARRAY types LOOP
							n := n + 1;
							SELECT o.oprcode, format_type(o.oprresult, NULL) INTO own, result FROM pg_operator o
								WHERE o.oprname = symbol AND o.oprleft = l::regtype AND o.oprright = r::regtype
								AND o.oprnamespace = 'pg_catalog'::regnamespace;
							CONTINUE WHEN 'record' IN (l, r);
							EXECUTE format('CREATE FUNCTION planted.o%s(l %s, r %s) RETURNS %s LANGUAGE plpgsql AS %L', n, l, r,
								coalesce(result, CASE symbol WHEN '||' THEN 'text' ELSE 'boolean' END), format('BEGIN PERFORM planted.called(%L); RETURN %s; END',
									l || symbol || r, CASE WHEN own IS NOT NULL THEN format('l OPERATOR(pg_catalog.%s) r', symbol)
										WHEN symbol IN ('/', '-', '+') THEN 'NULL'
										ELSE format('l::text OPERATOR(pg_catalog.%s) r::text', symbol) END));
							EXECUTE format('CREATE OPERATOR hostile.%s (FUNCTION = planted.o%s, LEFTARG = %s, RIGHTARG = %s)', symbol,
								n, l, r);
						END LOOP;
					END LOOP;
				END LOOP;
			END $do$""";

	private final TestDatabase database;

	private PlantedObjects(TestDatabase database) {
		this.database = database;
	}

	/** Plants them in a database on a server with the settings above. */
	public static PlantedObjects in(TestDatabase database) {
		database.execute(CALLED, FUNCTIONS.replace("?",
				names().stream().map((name) -> "'" + name + "'").collect(Collectors.joining(", ", "ARRAY[", "]"))),
				OPERATORS);
		return new PlantedObjects(database);
	}

	private static Set<String> names() {
		try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
			Set<String> names = new TreeSet<>();
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				Matcher calls = CALL.matcher(Files.readString(file));
				while (calls.find()) {
					names.add(calls.group(1));
				}
			}
			return names;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** How many there are. */
	public int number() {
		return Integer.parseInt(this.database.value("SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc p "
				+ "WHERE p.pronamespace OPERATOR(pg_catalog.=) ANY (ARRAY['hostile', 'planted']::pg_catalog.regnamespace[])"));
	}

	/** The statements of one role that called any, with what they called. */
	public Set<String> calledBy(String role) {
		List<String> log = this.database.list("SELECT pg_catalog.pg_read_file(pg_catalog.pg_current_logfile())");
		Set<String> calls = new TreeSet<>();
		Matcher lines = LINE.matcher(log.get(0));
		while (lines.find()) {
			if (lines.group(1).equals(role)) {
				calls.add(lines.group(2) + " in " + lines.group(3).replaceAll("\\d+", "0"));
			}
		}
		return calls;
	}

}
