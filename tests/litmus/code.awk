# SPDX-License-Identifier: GPL-2.0
# awk -f code.awk FILE...: the shared accesses of C code in kernel style, in the order of the text, as
#	FILE FUNCTION LETTERS ACCESS ordered|relaxed
# for each function with at least one that is ordered or carries a letter. LETTERS are those of the comment
# beside the access or just above it ("A, B: why"), or -. In between, "else" and what the preprocessor chooses by,
# so that an access cannot move from one branch to the other. Writes to stderr what makes no sense.

# What orders, or says that others must be waited for; locks are left out
function is_ordered(name) {
	return name ~ /^(smp_|cmpxchg|xchg|try_cmpxchg|synchronize_|call_rcu|kfree_rcu|rcu_|preempt_(dis|en)able)/ &&
	       name !~ /^(smp_processor_id|rcu_access_pointer|rcu_dereference_protected)$/ ||
	       name ~ /^(barrier|cmm_|uatomic_|__atomic_|atomic|ring_load_acquire$|ring_store_release$)/
}

function is_relaxed(name) {
	return name ~ /^(READ_ONCE|WRITE_ONCE|CMM_LOAD_SHARED|CMM_STORE_SHARED|ring_load|ring_store|ring_load_32)$/ ||
	       name ~ /^(rcu_access_pointer|rcu_dereference_protected|ring_load_header|ring_load_word|copy_racing)$/ ||
	       name ~ /^(size_at|walk|kring_clock|ring_time|eventfd_read|eventfd_write)$/
}

function complain(why) {
	print FILENAME ":" FNR ": " why >"/dev/stderr"
}

# "A, B: why. C: why" to "A,B,C"; "-" if there is none
function letters_of(text,	found, all) {
	all = ""
	while (match(text, /(^|[.;] )[A-Z](, [A-Z])*: /)) {
		found = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		gsub(/[^A-Z]+/, ",", found)
		gsub(/^,|,$/, "", found)
		all = all (all == "" ? "" : ",") found
	}
	return all == "" ? "-" : all
}

function close_function(	i) {
	if (pending != "-")
		complain("letter " pending ": no access follows")
	for (i = 1; i <= n && worth; i++)
		print lines[i]
	n = worth = 0
	returned = conditional = 0
	pending = "-"
	inside = 0
}

# From the first parenthesis on up to its partner, without blanks
function arguments(text,	i, c, depth) {
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		depth += (c == "(") - (c == ")")
		if (!depth)
			break
	}
	text = substr(text, 1, i)
	gsub(/[ \t]/, "", text)
	return text
}

function note(what) {
	lines[++n] = FILENAME " " func_name " - " what " relaxed"
}

# All accesses of a statement or a part of one
function accesses(code, letters,	name, nr) {
	if (code ~ /^[ \t]*([}] )?else/)
		note("else")
	while (match(code, /[A-Za-z_][A-Za-z0-9_]*\(/)) {
		name = substr(code, RSTART, RLENGTH - 1)
		code = substr(code, RSTART + RLENGTH - 1)
		if (!is_ordered(name) && !is_relaxed(name))
			continue
		nr++
		worth += is_ordered(name) || letters != "-"
		lines[++n] = FILENAME " " func_name " " letters " " name arguments(code) (is_ordered(name) ? " ordered" : " relaxed")
	}
	return nr
}

function take(code, comment, beside,	letters) {
	letters = letters_of(comment)
	if (letters != "-" && !inside)
		complain("letter " letters " outside of a function")
	else if (letters != "-" && beside && !accesses(code, letters))
		complain("letter " letters ": no access beside it")
	else if (letters != "-" && !beside && pending != "-")
		complain("letter " pending ": no access follows")
	else if (letters != "-" && !beside)
		pending = letters
	if (letters != "-" && beside)
		return
	if (inside && code ~ /[^ \t{}]/ && accesses(code, pending))
		pending = "-"
}

FNR == 1 { in_comment = 0; in_macro = 0; held = ""; pending = "-"; n = worth = inside = 0 }

# The function of a line that begins at the margin; not a declaration
/^[A-Za-z_].*\(/ && !in_comment {
	if ($0 !~ /;$/ && match($0, /[A-Za-z_][A-Za-z0-9_]*\(/))
		func_name = substr($0, RSTART, RLENGTH - 1)
}
/^#/ || in_macro {
	in_macro = /\\$/
	returned = 0
	if (inside && match($0, /^#(ifn?def|if|elif|else|endif)/))
		note(substr($0, 1, RLENGTH))
	next
}
/^[{]/ { inside = 1; next }
/^[}]/ { close_function(); next }

{
	match($0, /^[ \t]*/)
	if (RLENGTH < returned || /^[ \t]*(case|default|[a-z_]+:)/)
		returned = 0
	else if (returned && RLENGTH == returned && !in_comment && /[a-z_]\(/)
		complain("behind a return")
	if (/^\t+return/ && !conditional)
		returned = RLENGTH
	conditional = /^\t+([}] )?(if|else|for|while)/ && !/;$/ && !/[{]$/ || /[^;{}\/]$/ && conditional
	code = $0
	comment = ""
	if (in_comment) {
		if (match(code, /\*\//)) {
			comment = text " " substr(code, 1, RSTART - 1)
			code = substr(code, RSTART + 2)
			in_comment = 0
			gsub(/[ \t]+\*?[ \t]*/, " ", comment)
			sub(/^ /, "", comment)
			take(before, comment, before ~ /[^ \t]/)
			comment = ""
		} else {
			text = text " " code
			next
		}
	}
	gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
	while (match(code, /\/\*/)) {
		before = substr(code, 1, RSTART - 1)
		text = substr(code, RSTART + 2)
		if (!match(text, /\*\//)) {
			in_comment = 1
			break
		}
		comment = substr(text, 1, RSTART - 1)
		code = before substr(text, RSTART + 2)
		gsub(/^[ \t]+/, "", comment)
	}
	if (in_comment) {
		# What stands before it is taken with it
		next
	}
	# A statement that goes on in the next line is read as one, so that its parentheses close
	open = held code
	if (comment == "" && unclosed(open)) {
		held = open " "
		next
	}
	held = ""
	take(open, comment, code ~ /[^ \t]/)
}

function unclosed(text,	i, c, depth) {
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		depth += (c == "(") - (c == ")")
	}
	return depth > 0
}
