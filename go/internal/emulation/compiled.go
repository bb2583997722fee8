// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

// Makes a program's instructions of those that were compiled: puts in the place of their symbols what they stand for
// here, and the functions that judge.go writes among them. Likewise libbpf/compiled.c.

// compiled is a program as it was compiled.
type compiled struct {
	name    string
	insns   []insn
	patches []patch // in the order of the instructions
	starts  []int   // of its functions, likewise
}

// patch is a symbol in the place of which something is put.
type patch struct {
	insn   int
	symbol string
}

// action is what becomes of an entry.
type action int

const (
	actionPlain action = iota // delete, whatever the value is
	actionCompare
	actionClaim
	actionLinked       // any of these, together with a second entry or with the value handed out
	actionUpdate       // replace the entry
	actionWord         // change a word where it is,
	actionBytes        // or several under the value's lock
	actionSweepEach    // delete what matches: all of the map at once,
	actionSweepElems   // along its elements,
	actionSweepBuckets // or its buckets
)

var compiledPrograms = [...]*compiled{&plainProgram, &compareProgram, &claimProgram, &linkedProgram, &updateProgram,
	&wordProgram, &bytesProgram, &eachProgram, &elemsProgram, &bucketsProgram}

// side is the first entries' map, or the linked ones'.
type side int

const (
	first side = iota
	linked
	sides
)

// making is what is made of them.
type making struct {
	code   code
	plan   *plan
	starts map[string]int // of functions that are there already
}

func (m *making) mapFD(symbol string, s side) (fd int, ok bool) {
	switch symbol {
	case "target":
		return m.plan.mapFDs[s], true
	case "linked_target":
		return m.plan.mapFDs[linked], true
	case "requests":
		return m.plan.requestsFD, true
	}
	return 0, false
}

func (m *making) number(symbol string, s side) (n uint32, ok bool) {
	p, layout, tab := m.plan, m.plan.layout, &m.plan.hashtab
	info := p.infos[s]
	forLRU := func(n uint32) uint32 {
		if info.Type == lruHash {
			return n
		}
		return 0
	}
	switch symbol {
	case "key_at":
		if s == linked {
			return layout.linkedKeyAt, true
		}
		return layout.keyAt, true
	case "key_size":
		return info.KeySize, true
	case "expected_at":
		return layout.expectedAt, true
	case "linked_key_at":
		return layout.linkedKeyAt, true
	case "linked_expected_at":
		return layout.linkedExpectedAt, true
	case "value_at":
		return layout.valueAt, true
	case "new_at":
		return layout.newAt, true
	case "old_at":
		return layout.oldAt, true
	case "elems_max", "buckets_max":
		return uint32(walkPlaces(info)), true
	case "hashtab_buckets":
		return tab.buckets, true
	case "hashtab_n_buckets":
		return tab.nBuckets, true
	case "hashtab_seed":
		return tab.seed, true
	case "hashtab_elems":
		return tab.elems, true
	case "hashtab_elem_size":
		return tab.elemSize, true
	case "hashtab_head":
		return tab.head, true
	case "hashtab_bucket_size":
		return tab.bucketSize, true
	case "hashtab_elem_hash":
		return tab.elemHash, true
	case "hashtab_elem_key":
		return tab.elemKey, true
	case "hashtab_elem_lru":
		return forLRU(tab.elemLRU), true
	case "hashtab_lru_type":
		return forLRU(tab.lruType), true
	case "hashtab_lru_free":
		return tab.lruFree, true
	case "hashtab_lru_local_free":
		return tab.lruLocalFree, true
	case "hashtab_word_type":
		return tab.wordType, true
	}
	return 0, false
}

// isCompiled tells whether a function is one of touch.bpf.c.
func (m *making) isCompiled(symbol string) bool {
	return (symbol == "touch" || symbol == "touch_linked") && m.plan.touches[writers[symbol].side]
}

// kfunc is the function of the kernel's that is called there; 0: it is none of those.
func (m *making) kfunc(symbol string) uint32 {
	if symbol == "cast" {
		return m.plan.hashtab.cast
	}
	if m.plan.hold != holdClaims {
		return 0
	}
	switch symbol {
	case "hold_cpu":
		return m.plan.kfuncs[preemptDisable]
	case "release_cpu":
		return m.plan.kfuncs[preemptEnable]
	}
	return 0
}

// startOf is where a function starts, which is added if it is not there yet.
func (m *making) startOf(symbol string) int {
	if start, ok := m.starts[symbol]; ok {
		return start
	}
	f := writers[symbol]
	start := len(m.code.insns)
	m.starts[symbol] = start
	if m.isCompiled(symbol) {
		m.add(&touchProgram, f.side)
	} else {
		m.code.function(symbol)
		m.code.write(&f, &m.plan.judges[f.side])
	}
	return start
}

func (in *insn) isCall() bool { return in.op == callOp }

func (in *insn) isJump() bool {
	class, op := in.op&classMask, in.op&jumpOpMask
	return (class == jumpClass || class == jump32Class) && op != jumpCall && op != jumpExit
}

// addInline puts a function in the place of a call, where it is short and leaves alone what a call has to.
func (m *making) addInline(symbol string) bool {
	f, ok := writers[symbol]
	if !ok || m.kfunc(symbol) != 0 || m.isCompiled(symbol) || f.called(&m.plan.judges[f.side]) {
		return false
	}
	c := &m.code
	start, reads := len(c.insns), len(c.reads)
	c.write(&f, &m.plan.judges[f.side])
	if len(c.insns)-start > inlineMax {
		c.insns, c.reads = c.insns[:start], c.reads[:reads]
		return false
	}
	// The way on instead of the return, with which they end.
	c.insns = c.insns[:len(c.insns)-1]
	return true
}

// copyCompiled copies the instructions, with short functions among them, and tells where each went, and the end.
func (m *making) copyCompiled(from *compiled) (places []int) {
	patches, starts := from.patches, from.starts
	for i, in := range from.insns {
		if len(starts) > 0 && starts[0] == i {
			m.code.function(from.name)
			starts = starts[1:]
		}
		places = append(places, len(m.code.insns))
		inline := false
		if len(patches) > 0 && patches[0].insn == i {
			inline = m.addInline(patches[0].symbol)
			patches = patches[1:]
		}
		if !inline {
			m.code.insns = append(m.code.insns, in)
		}
	}
	return append(places, len(m.code.insns))
}

// lead has jumps and calls lead where they did, though more may be in between now.
func (m *making) lead(from *compiled, places []int) {
	for i := range from.insns {
		was, now := &from.insns[i], places[i]
		if was.isJump() {
			m.code.insns[now].off = int16(places[i+1+int(was.off)] - now - 1)
		} else if was.isCall() && was.src == pseudoCall && was.imm != -1 {
			m.code.insns[now].imm = int32(places[i+1+int(was.imm)] - now - 1)
		}
	}
}

func (m *making) put(p patch, s side, places []int) {
	at := places[p.insn]
	in := &m.code.insns[at]
	if fd, ok := m.mapFD(p.symbol, s); ok {
		in.src, in.imm = pseudoMapFD, int32(fd)
	} else if n, ok := m.number(p.symbol, s); ok {
		in.imm = int32(n)
	} else if p.symbol == "callback" {
		in.src, in.imm = pseudoFunc, int32(places[in.imm]-at-1)
	} else if id := m.kfunc(p.symbol); id != 0 {
		in.src, in.imm = pseudoKfunc, int32(id)
	} else if places[p.insn+1] == at+1 && in.isCall() {
		start := m.startOf(p.symbol)
		// Which may have moved them all.
		m.code.insns[at].imm = int32(start - at - 1)
	}
}

// add adds a program, of which what is said of one map is of that side's.
func (m *making) add(from *compiled, s side) {
	places := m.copyCompiled(from)
	m.lead(from, places)
	for _, p := range from.patches {
		m.put(p, s, places)
	}
}

// write makes all of a program, and gives its name.
func (p *plan) write() (*code, string) {
	from := compiledPrograms[p.action]
	m := making{plan: p, starts: map[string]int{}}
	m.add(from, first)
	return &m.code, from.name
}
